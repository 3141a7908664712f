"""The app's home in Slack: open pulse checks, my tasks this week, and a place for ideas."""

from __future__ import annotations

from flask_babel import gettext as _

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin import decisions, figures, pulse
from plugins.slack_checkin.blocks import Block
from plugins.slack_checkin.told import Told, unknown_words
from program.plugin_api import core
from program.plugin_api.contract import CheckIn, Person, Task, Thanks

NEW_IDEA, DONE, BLOCK = "idea.new", "task.done", "task.block"
# A view takes a hundred blocks: a pulse check has thirteen at most, a task two.
CHECK_INS, TASKS = 3, 10


def opened(told: Told) -> None:
    """Somebody went to the app's home."""
    if (told.body.get("event") or {}).get("tab") == "home":
        publish(told)


def publish(told: Told, note: str = "") -> None:
    """Show somebody's home as it is now; `note` is said above it, as the answer to what they did."""
    view = {"type": "home", "blocks": draw(told.person, note)}
    told.client.views_publish(user_id=told.user_id, view=view)


def publish_to_stranger(told: Told) -> None:
    """The home of somebody Milepost does not know."""
    view = {"type": "home", "blocks": [b.section(b.escaped(unknown_words()), "stranger")]}
    told.client.views_publish(user_id=told.user_id, view=view)


def draw(person: Person, note: str = "") -> list[Block]:
    """A person's home, in the language that is spoken."""
    said = [b.section(b.escaped(note), "note")] if note else []
    check_ins = core.open_check_ins(person)[:CHECK_INS]
    for check_in in check_ins:
        said += [*pulse.draw(check_in, thanks_of(person, check_in)), b.divider(f"{pulse.prefix(check_in.id)}end")]
    if not check_ins:
        said.append(b.section(_("No pulse check is open."), "no-pulse"))
    said += decisions.draw_waiting(core.decisions_waiting_for(person))
    said += figures.draw_waiting(core.own_kpis(person))
    said += draw_tasks(core.my_tasks(person, TASKS))
    said.append(b.header(_("Ideas"), "ideas"))
    said.append(b.section(_("You know best where it hurts. Somebody reads every idea and answers it."), "ideas-why"))
    said.append(b.actions([b.button(_("Hand in an idea"), NEW_IDEA)], "ideas-row"))
    return said[: b.VIEW_BLOCKS]


def draw_tasks(tasks: tuple[Task, ...]) -> list[Block]:
    """Somebody's tasks of the week, each with its buttons."""
    said = [b.header(_("My tasks this week"), "tasks")]
    if not tasks:
        return [*said, b.section(_("Nothing of yours is late, due this week or in progress."), "no-tasks")]
    for task in tasks:
        at = f"task:{task.program_id}:{task.number}"
        said.append(b.section(_task_words(task), at))
        if task.may_change:
            said.append(b.actions(_task_buttons(task), f"{at}:row"))
    said.append(b.context(f"<{core.web_address('/my-work')}|{b.escaped(_('Open my work'))}>", "all-tasks"))
    return said


def _task_words(task: Task) -> str:
    title = b.escaped(b.cut(task.title, 300))
    due = ""
    if task.due_on is not None:
        day = core.day_in_words(task.due_on)
        due = _("Overdue since %(day)s.", day=day) if task.is_overdue else _("Due %(day)s.", day=day)
    blocked = ""
    if task.status == "blocked":
        blocked = _("Blocked: %(reason)s", reason=b.escaped(b.cut(task.status_reason, 500)))
    rest = " ".join(text for text in (f"{task.program}-{task.number}.", due, blocked) if text)
    return f"*<{task.url}|{title}>*\n{rest}"


def _task_buttons(task: Task) -> list[Block]:
    value = f"{task.program_id}:{task.number}:{task.revision}"
    made = [b.button(_("Done"), DONE, value, said=_("Done: %(title)s", title=task.title))]
    if task.status != "blocked":
        said = _("Blocked: %(reason)s", reason=task.title)
        made.append(b.button(_("Blocked"), BLOCK, value, said=said))
    return made


def thanks_of(person: Person, check_in: CheckIn) -> Thanks | None:
    """What to thank somebody with who has answered everything; None for who has not yet."""
    return core.thanks_for(person, check_in.id) if check_in.is_open and check_in.is_complete else None
