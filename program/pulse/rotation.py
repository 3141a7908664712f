"""Which questions a round asks: few at a time, so that every theme comes round again and nothing is asked to death.

Themes that were not asked about for the longest come first, and within a theme the question that was not asked for the
longest. A question in words comes at most one to a round. Pure functions: the same history gives the same choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from program.ground.records import record

NEVER = -1


@record
class Candidate:
    """A question that may be asked: its id, its theme, and whether it is answered in words."""

    id: int
    theme: str
    is_text: bool


def choose(candidates: Sequence[Candidate], last_asked: Mapping[int, int], how_many: int) -> list[int]:
    """The ids of up to `how_many` questions, one of each theme before a second one of any.

    `last_asked` says for each question the number of the round it was asked in last; a question that is not there was
    never asked. The order of `candidates` decides between equals.
    """
    place = {candidate.id: index for index, candidate in enumerate(candidates)}
    theme_asked: dict[str, int] = {}
    for candidate in candidates:
        asked = last_asked.get(candidate.id, NEVER)
        theme_asked[candidate.theme] = max(theme_asked.get(candidate.theme, NEVER), asked)
    first = {theme: min(place[c.id] for c in candidates if c.theme == theme) for theme in theme_asked}
    chosen: list[int] = []
    has_text = False
    remaining = sorted(candidates, key=lambda c: (last_asked.get(c.id, NEVER), place[c.id]))
    while remaining and len(chosen) < how_many:
        taken_now: list[Candidate] = []
        for theme in sorted(theme_asked, key=lambda theme: (theme_asked[theme], first[theme])):
            if len(chosen) == how_many:
                break
            found = next((c for c in remaining if c.theme == theme and not (c.is_text and has_text)), None)
            if found is None:
                continue
            chosen.append(found.id)
            taken_now.append(found)
            remaining.remove(found)
            has_text = has_text or found.is_text
        if not taken_now:
            break
    # Figures first, words last: that is the order in which people like to answer.
    is_text = {candidate.id: candidate.is_text for candidate in candidates}
    return sorted(chosen, key=lambda question_id: is_text[question_id])
