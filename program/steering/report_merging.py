"""Facts anew under a text that people have edited: pure functions over lines.

Three texts: the draft as it was made, the one made now, and what people left. What they wrote stays, what they took
out stays out, lines of the old draft that nobody touched follow the new one. A line that was edited and whose fact has
changed stands beside the new fact: a person decides between them, nothing does it silently.
"""

from __future__ import annotations

from difflib import SequenceMatcher

HEADING = "# "


def merged(old: str, new: str, mine: str) -> str:
    """`mine`, which was made from the draft `old`, with what is different in the draft `new`."""
    if mine == old:
        return new
    before, after, left = old.split("\n"), new.split("\n"), mine.split("\n")
    kept = _kept(before, left)
    # Lines that go in before a line of mine, by its place; and lines of mine that go.
    inserted: dict[int, list[str]] = {}
    gone: set[int] = set()
    for what, first, last, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        gone |= {kept[place] for place in range(first, last) if place in kept}
        if begin != end:
            inserted.setdefault(_place(kept, first, last, after[begin:end], len(left)), []).extend(after[begin:end])
    lines: list[str] = []
    for place, line in enumerate(left):
        lines += inserted.get(place, [])
        if place not in gone:
            lines.append(line)
    return "\n".join([*lines, *inserted.get(len(left), [])])


def _kept(before: list[str], left: list[str]) -> dict[int, int]:
    """Where each line of the old draft that nobody touched stands in the text people left."""
    blocks = SequenceMatcher(None, before, left, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}


def _place(kept: dict[int, int], first: int, last: int, lines: list[str], end: int) -> int:
    """Before which line of mine they go: after what stood before them; a whole section before what stood after it,

    so that it does not take away somebody's last words in the section before.
    """
    if any(line.startswith(HEADING) for line in lines):
        following = [place for number, place in kept.items() if number >= last]
        return min(following, default=end)
    earlier = [place for number, place in kept.items() if number < first]
    return max(earlier, default=-1) + 1
