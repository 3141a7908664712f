"""The pilot team held against the handbook, section 3: five to eight people with 50 to 70 % of their time.

Its people are those whose assignment says so. Judged is the team of today; while nobody is in it yet, the team of the
day on which the first of them begins. Every finding is one plain sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground.records import record
from program.team.staffing import Player

FEWEST, MOST_PEOPLE, LEAST_SHARE, MOST_SHARE = 5, 8, 50, 70
NAMED = 8


@record
class Finding:
    """One sentence about the team, and whether it is as the handbook says."""

    is_good: bool
    sentence: str


def findings(players: Iterable[Player], today: date) -> list[Finding]:
    """What there is to say of the pilot team among those players; nothing while nobody is named for it."""
    members = [player for player in players if player.in_pilot_team]
    if not members:
        return []
    day = today
    if not any(player.span.covers(today) for player in members):
        day = min(player.starts_on for player in members)
    shares = _shares(members, day)
    return [_size(len(shares)), *_times(shares)]


def _shares(members: Sequence[Player], day: date) -> dict[tuple[str, int], int]:
    """The share of each on that day, in percent, by name and id; several roles are added up."""
    found: dict[tuple[str, int], int] = {}
    for player in members:
        if player.span.covers(day):
            who = (player.name, player.person_id)
            found[who] = found.get(who, 0) + player.share
    return found


def _size(count: int) -> Finding:
    values = {"least": FEWEST, "most": MOST_PEOPLE}
    if FEWEST <= count <= MOST_PEOPLE:
        sentence = ngettext(
            "The pilot team has %(num)s person, within the %(least)s to %(most)s that work best.",
            "The pilot team has %(num)s people, within the %(least)s to %(most)s that work best.",
            count,
            **values,
        )
        return Finding(True, sentence)
    if count < FEWEST:
        sentence = ngettext(
            "The pilot team has %(num)s person; it takes %(least)s to %(most)s to cover the key departments.",
            "The pilot team has %(num)s people; it takes %(least)s to %(most)s to cover the key departments.",
            count,
            **values,
        )
        return Finding(False, sentence)
    sentence = ngettext(
        "The pilot team has %(num)s person; with more than %(most)s it no longer works as one team.",
        "The pilot team has %(num)s people; with more than %(most)s it no longer works as one team.",
        count,
        **values,
    )
    return Finding(False, sentence)


def _times(shares: dict[tuple[str, int], int]) -> list[Finding]:
    low = {who: share for who, share in shares.items() if share < LEAST_SHARE}
    high = {who: share for who, share in shares.items() if share > MOST_SHARE}
    found = []
    if low:
        sentence = _(
            "Too little time for the pilot, below %(least)s%%: %(people)s.", least=LEAST_SHARE, people=_people(low)
        )
        found.append(Finding(False, sentence))
    if high:
        sentence = _(
            "More than %(most)s%% leaves too little for the department at home: %(people)s.",
            most=MOST_SHARE,
            people=_people(high),
        )
        found.append(Finding(False, sentence))
    if not found:
        sentence = _("Everybody in it gives %(least)s to %(most)s%% of their time.", least=LEAST_SHARE, most=MOST_SHARE)
        found.append(Finding(True, sentence))
    return found


def _people(shares: dict[tuple[str, int], int]) -> str:
    named = [f"{name} ({share}%)" for (name, _id), share in sorted(shares.items())]
    if len(named) <= NAMED:
        return ", ".join(named)
    rest = ngettext("and %(num)s more person", "and %(num)s more people", len(named) - NAMED)
    return f"{', '.join(named[:NAMED])} {rest}"
