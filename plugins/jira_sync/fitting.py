"""Whether a plan fits a project: in words what cannot work, and what works otherwise than one might think. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from plugins.jira_sync.merging import Direction
from plugins.jira_sync.plan import Plan
from plugins.jira_sync.side import Demanded, IssueType, Side
from plugins.jira_sync.statuses import meaning

# Fields that every issue of ours has, or that Jira fills in by itself.
GIVEN = frozenset({"summary", "issuetype", "project", "reporter", "description", "labels", "parent"})
NEEDED = ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES")


@dataclass(frozen=True, slots=True)
class Problem:
    """What does not fit. One that `stops` has to be put right before anything is written; `field` says where."""

    words: str
    field: str = ""
    stops: bool = True


def problems(plan: Plan, side: Side, *, is_cloud: bool) -> list[Problem]:
    """What does not fit, the worst first."""
    found = [*_place(side, is_cloud), *_types(plan, side), *_statuses(plan, side), *_smaller(plan, side)]
    return sorted(found, key=lambda one: not one.stops)


def missing(plan: Plan, kind: IssueType, *, is_epic: bool = False) -> list[Demanded]:
    """The fields that Jira demands of such an issue and that have no value here."""
    if is_epic:
        known = GIVEN | plan.epic_defaults.keys() | {kind.epic_name, "duedate"}
    else:
        known = GIVEN | plan.defaults.keys() | {kind.epic_link, plan.start_field}
    return [one for one in kind.demanded if one.key not in known]


def _place(side: Side, is_cloud: bool) -> Iterator[Problem]:
    if side.is_cloud != is_cloud:
        yield Problem(_("This Jira is not what the connection says: choose Cloud or Data Center anew."), "face")
    if side.is_archived:
        yield Problem(
            _("The project is archived: nothing can be written there. Have it restored, or connect another one.")
        )
    if lacking := [name for name in NEEDED if not side.allowed.get(name, False)]:
        words = _("The account lacks permissions in the project: %(names)s. An administrator of Jira grants them.")
        yield Problem(words % {"names": ", ".join(lacking)})


def _types(plan: Plan, side: Side) -> Iterator[Problem]:
    known = ", ".join(one.name for one in side.types if not one.is_part) or "–"
    kind = side.type_named(plan.item_type)
    if kind is None:
        words = _("The project has no issue type “%(name)s”. It has: %(known)s.", name=plan.item_type, known=known)
        yield Problem(words, "item_type")
    elif kind.is_part and plan.phase_as != "subtask":
        yield Problem(_("“%(name)s” is a type of sub-tasks: items need one of their own.", name=kind.name), "item_type")
    else:
        yield from _demands(plan, kind)
        if plan.start_field and kind.dates and plan.start_field not in kind.dates:
            words = _("The field of the start date is not on the screen of “%(name)s”.", name=kind.name)
            yield Problem(words, "start_field")
    if plan.phase_as == "subtask":
        yield from _parts(plan, side, kind)
        return
    if plan.phase_as != "epic":
        if plan.phase_as in ("version", "component") and not side.allowed.get("ADMINISTER_PROJECTS", True):
            words = _("The account may not add versions or components: add them in Jira, named as the phases.")
            yield Problem(words, "phase_as", stops=False)
        return
    epics = [one for one in side.types if one.may_be_epic]
    epic = side.type_named(plan.epic_type)
    if not epics:
        words = _("The project has no issue type for epics. Let phases become versions, components or labels.")
        yield Problem(words, "phase_as")
    elif epic is None or not epic.may_be_epic:
        words = _("No issue can lie under “%(name)s”. For phases there is: %(known)s.")
        names = {"name": plan.epic_type, "known": ", ".join(one.name for one in epics)}
        yield Problem(words % names, "epic_type")
    elif epic.name == plan.item_type:
        yield Problem(_("Items and phases cannot be issues of the same type."), "epic_type")
    else:
        yield from _demands(plan, epic, is_epic=True)
        if not side.is_cloud and kind is not None and not kind.epic_link:
            words = _("“%(name)s” has no field for its epic on its screen. Let phases become something else.")
            yield Problem(words % {"name": kind.name}, "phase_as", stops=False)


def _parts(plan: Plan, side: Side, kind: IssueType | None) -> Iterator[Problem]:
    """Items as sub-tasks: of a type of sub-tasks, under an issue that can have some."""
    parts = ", ".join(one.name for one in side.types if one.is_part)
    if not parts:
        words = _("The project has no issue type for sub-tasks. Let phases become something else.")
        yield Problem(words, "phase_as")
    elif kind is not None and not kind.is_part:
        words = _("“%(name)s” is no type of sub-tasks. For items there is: %(known)s.", name=kind.name, known=parts)
        yield Problem(words, "item_type")
    home = side.type_named(plan.epic_type)
    if home is None or home.is_part or home.may_be_epic:
        able = ", ".join(one.name for one in side.types if not one.is_part and not one.may_be_epic) or "–"
        words = _("“%(name)s” cannot have sub-tasks. For phases there is: %(known)s.", name=plan.epic_type, known=able)
        yield Problem(words, "epic_type")
    else:
        yield from _demands(plan, home, is_epic=True)


def _demands(plan: Plan, kind: IssueType, *, is_epic: bool = False) -> Iterator[Problem]:
    if demanded := missing(plan, kind, is_epic=is_epic):
        names = ", ".join(f"{one.name} ({one.key})" for one in demanded)
        words = _("Jira demands fields of “%(type)s” that have no value here: %(names)s.", type=kind.name, names=names)
        yield Problem(words, f"{'epic_' if is_epic else ''}default_{demanded[0].key}")


def _statuses(plan: Plan, side: Side) -> Iterator[Problem]:
    kind = side.type_named(plan.item_type)
    if kind is None or not kind.statuses or plan.directions.get("status") is Direction.OFF:
        return
    means = {one.name: meaning(one, plan.statuses) for one in kind.statuses}
    names = {"todo": _("not started"), "doing": _("in progress"), "done": _("done")}
    for ours, words in names.items():
        if ours not in means.values():
            said = _("No status of “%(type)s” means “%(ours)s”: map one by its name.", type=kind.name, ours=words)
            yield Problem(said, "statuses", stops=ours == "done")
    gone = [name for name in plan.statuses if name.casefold() not in {one.name.casefold() for one in side.statuses()}]
    if gone:
        words = _(
            "These statuses are mapped but no longer in Jira: %(names)s. Were they renamed?", names=", ".join(gone)
        )
        yield Problem(words, "statuses", stops=False)
    yield from _ways(plan, side, means)


def _ways(plan: Plan, side: Side, means: dict[str, str]) -> Iterator[Problem]:
    """Whether the steps that were seen lead to an end; where no issue stands Jira tells nothing."""
    seen = side.steps.get(plan.item_type) or {}
    if not seen or plan.directions.get("status") is Direction.FROM_JIRA:
        return
    reached, waiting = set(seen), list(seen)
    while waiting:
        for name in seen.get(waiting.pop(), ()):
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    offered = {name for names in seen.values() for name in names}
    if any(means.get(name) == "done" for name in offered):
        return
    # A status in which no issue stands may offer what nobody has seen.
    is_known = all(name in seen for name in reached)
    starts = ", ".join(f"“{name}”" for name in seen)
    words = _("From %(names)s Jira offers no step to anything that means done.", names=starts)
    yield Problem(words, "statuses", stops=is_known)


def _smaller(plan: Plan, side: Side) -> Iterator[Problem]:
    to_jira = (Direction.BOTH, Direction.TO_JIRA)
    if side.priorities and plan.directions.get("priority") in to_jira:
        known = {name.casefold() for name in side.priorities}
        if gone := [name for name in plan.priorities.values() if name.casefold() not in known]:
            words = _("Jira has no priority “%(name)s”: such a priority stays in the program.", name=gone[0])
            yield Problem(words, "priorities", stops=False)
    if plan.directions.get("owner") in to_jira and not side.allowed.get("ASSIGN_ISSUES", False):
        yield Problem(_("The account may not assign issues: owners stay in the program."), "owner", stops=False)
    if plan.with_links and not side.allowed.get("LINK_ISSUES", False):
        words = _("The account may not link issues: what waits for what stays in the program.")
        yield Problem(words, "with_links", stops=False)
    if plan.comments in to_jira and not side.allowed.get("ADD_COMMENTS", False):
        yield Problem(_("The account may not comment: comments stay in the program."), "comments", stops=False)
