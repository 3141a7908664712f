"""Dependencies between the items of a playbook: does each name an item, and does none wait for itself.

Finish to start: an item may begin when all those it comes after are done. A circle could never begin; it is refused
with its path, so that a person sees which link to cut.
"""

from collections.abc import Mapping, Sequence

from .document import Scalar, shown
from .problems import Findings


def check(lines: Mapping[str, int], after: Sequence[tuple[str, Sequence[Scalar]]], findings: Findings) -> None:
    """Notes every dependency on an unknown item, and each circle once, at the line where it closes.

    `lines` says which items there are; `after` holds each item with what it waits for, in the file's order.
    """
    links: dict[str, dict[str, int]] = {}
    for item, earlier in after:
        known = {word.value: word.line for word in earlier if word.value in lines}
        # Of two items with one key the second is an error of its own, and makes no circles.
        links.setdefault(item, known)
        for word in earlier:
            if word.value not in lines:
                findings.add_unknown(word.line, "unknown-item", word.value, lines, value=shown(word.value))
    for circle in circles({item: tuple(earlier) for item, earlier in links.items()}):
        line = links[circle[-2]][circle[-1]]
        findings.add(line, "circle", path=" → ".join(circle))


def circles(after: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """The circles met on one walk through the items, each as a path that ends where it began.

    There is no circle among the items exactly when the list is empty. Walked without recursion: a chain of 2,000 items
    would be deeper than Python's stack.
    """
    found: list[tuple[str, ...]] = []
    done: set[str] = set()
    for start in after:
        if start in done:
            continue
        # The path is a dict for its order and its quick 'is it on the path'.
        path: dict[str, None] = {start: None}
        waiting = [iter(after[start])]
        while waiting:
            earlier = next(waiting[-1], None)
            if earlier is None:
                waiting.pop()
                done.add(path.popitem()[0])
            elif earlier in path:
                walked = list(path)
                found.append((*walked[walked.index(earlier) :], earlier))
            elif earlier not in done:
                path[earlier] = None
                waiting.append(iter(after.get(earlier, ())))
    return found
