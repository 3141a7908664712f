"""A pulse check in a direct message: a row of buttons a question, what was tapped, and thanks.

The same blocks serve the message, the reminder and the app's home. They show what is kept, never what was tapped: who
taps sees the state of the database. A comment's words are never written back into Slack, only that there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin.blocks import Block
from program.plugin_api import core
from program.plugin_api.contract import CheckIn, Question, Thanks

ANSWER, COMMENT = "pulse.answer", "pulse.comment"
MAX_COMMENT = 1000
REPLIES, REPLY = 3, 400
# Room that a question leaves for its hint.
_QUESTION = 600


def prefix(check_in_id: int) -> str:
    """What the ids of all blocks of that pulse check begin with."""
    return f"pulse:{check_in_id}:"


def draw(check_in: CheckIn, thanks: Thanks | None = None) -> list[Block]:
    """The pulse check as blocks, in the language that is spoken; closed ones take no taps."""
    at = prefix(check_in.id)
    title = _("How was your week? The pulse of %(program)s", program=check_in.program)
    if not check_in.is_open:
        return draw_closed(check_in.id, check_in.program)
    said = [b.header(title, f"{at}title"), b.context(b.escaped(check_in.promise), f"{at}promise")]
    for question in check_in.questions:
        said += _question(check_in.id, question)
    if check_in.is_complete:
        return said + _thanked(check_in, thanks or Thanks())
    left = sum(1 for one in check_in.questions if one.answers and not one.is_answered)
    words = ngettext("%(num)s question to go.", "%(num)s questions to go.", left)
    when = core.moment_in_words(check_in.closes_at)
    words += " " + _("A tap is kept at once; you can change it until %(when)s.", when=when)
    return said + [b.context(words, f"{at}state")]


def draw_closed(check_in_id: int, program: str) -> list[Block]:
    """What is left of a pulse check that is closed: nothing of what anybody answered."""
    text = b.escaped(_("The pulse of %(program)s is closed.", program=program))
    return [b.section(f"{text} {b.escaped(closed_words())}", f"{prefix(check_in_id)}closed")]


def closed_words() -> str:
    """What is said of a closed round, after its name."""
    return _("Thank you. Your answers were counted, and nobody can find out who said what.")


def read_aloud(check_in: CheckIn) -> str:
    """The message's text for notifications and screen readers, without anybody's answers."""
    if not check_in.is_open:
        return _("The pulse of %(program)s is closed.", program=check_in.program) + " " + closed_words()
    number = len(check_in.questions)
    length = ngettext("%(num)s question, half a minute.", "%(num)s questions, half a minute.", number)
    title = _("How was your week? The pulse of %(program)s", program=check_in.program)
    return b.cut(f"{title}. {length} {check_in.promise}", b.MESSAGE_TEXT)


def comment_modal(check_in: CheckIn, question: Question, metadata: str) -> Block:
    """The window for an answer in words."""
    box = b.text_input(
        question.text,
        "comment",
        "words",
        most=MAX_COMMENT,
        value=question.words,
        many_lines=True,
        optional=True,
    )
    promise = b.context(b.escaped(check_in.promise), "promise")
    emptied = b.context(_("Leave it empty to take your comment back."), "emptied")
    more = [emptied] if question.words else []
    return b.modal(COMMENT, _("Your comment"), _("Save"), _("Cancel"), [box, *more, promise], metadata)


def replaced(shown: Sequence[Block], check_in_id: int, new: Sequence[Block]) -> list[Block] | None:
    """A message's blocks with those of that pulse check replaced; None when it has none."""
    return b.replaced(shown, prefix(check_in_id), new)


def _question(check_in_id: int, question: Question) -> list[Block]:
    at = f"{prefix(check_in_id)}{question.id}"
    text = f"*{b.escaped(b.cut(question.text, _QUESTION))}*"
    if not question.answers:
        state = "\n" + _("✓ Your comment is kept.") if question.words else ""
        label = _("Change the comment") if question.words else _("Write a comment")
        value = f"{check_in_id}:{question.id}"
        return [b.section(text + state, at, b.button(label, f"{COMMENT}:{question.id}", value, said=label))]
    hint = _hint(question.kind)
    values = reversed(question.answers) if question.kind == "yes_no" else question.answers
    buttons = [_choice(check_in_id, question, value) for value in values]
    return [b.section(f"{text}\n{hint}" if hint else text, at), b.actions(buttons, f"{at}:row")]


def _choice(check_in_id: int, question: Question, value: int) -> Block:
    label = {0: _("No"), 1: _("Yes")}[value] if question.kind == "yes_no" else str(value)
    chosen = question.value == value
    # The question is read out with each answer: a screen reader lands on the button without it.
    said = _("%(answer)s, chosen: %(question)s", answer=label, question=question.text) if chosen else ""
    return b.button(
        f"✓ {label}" if chosen else label,
        f"{ANSWER}:{question.id}:{value}",
        f"{check_in_id}:{question.id}:{value}",
        style="primary" if chosen else "",
        said=said or _("%(answer)s: %(question)s", answer=label, question=question.text),
    )


def _hint(kind: str) -> str:
    if kind == "scale5":
        return _("1 not at all, 5 completely")
    return _("0 not likely at all, 10 very likely") if kind == "nps10" else ""


def _thanked(check_in: CheckIn, thanks: Thanks) -> list[Block]:
    at = prefix(check_in.id)
    when = core.moment_in_words(check_in.closes_at)
    said = [b.section(_("All answered, thank you. You can change it until %(when)s.", when=when), f"{at}state")]
    if last := _last_time(thanks):
        said.append(b.context(last, f"{at}last"))
    told = [
        f"*{b.escaped(b.cut(words, REPLY))}*\n{b.escaped(b.cut(did, REPLY))}"
        for words, did in check_in.replies[:REPLIES]
    ]
    if told:
        heading = "*" + _("You said, we did") + "*"
        said.append(b.section("\n\n".join([heading, *told]), f"{at}replies"))
    return said


def _last_time(thanks: Thanks) -> str:
    if not thanks.asked:
        return ""
    said = [_("Last time %(answered)s of %(asked)s answered.", answered=thanks.answered, asked=thanks.asked)]
    for score in thanks.scores:
        mean = core.number_in_words(score.mean, 1)
        words = _("%(theme)s: %(mean)s of 5", theme=score.name, mean=mean)
        if score.change is not None:
            by = core.number_in_words(abs(score.change), 1)
            moved = _("up by %(by)s", by=by) if score.change > 0 else _("down by %(by)s", by=by)
            words = f"{words} ({moved})"
        said.append(f"{words}.")
    return b.escaped(" ".join(said)) + (f" <{thanks.url}|{_('All results')}>" if thanks.url else "")


def numbers(value: Any, count: int) -> tuple[int, ...] | None:
    """The numbers in a button's value ('12:7:3'); None for what we did not write."""
    parts = str(value or "").split(":")
    if len(parts) != count or not all(part.isascii() and part.isdecimal() and len(part) <= 9 for part in parts):
        return None
    return tuple(int(part) for part in parts)
