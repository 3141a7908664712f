"""A decision of a committee in Slack: the question, a button for each option, the window for the reason, the outcome.

The same blocks serve the message, its reminder and the app's home. `voting.py` does what people do with it,
`decision_posts.py` has the messages say how it went.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin.blocks import Block
from program.plugin_api import core
from program.plugin_api.contract import Choice, Decision, Voice

VOTE, SEND = "decision.vote", "decision.send"
DECIDE, TAKE = "decision.decide", "decision.take"
# The choice that takes what the votes lead to.
BY_VOTE = "vote"
KINDS = ("steering.decision_asked", "steering.decision_reminder")
MAX_REASON = 3000
# Decisions shown on the app's home, and letters of what speaks for an option.
MOST_SHOWN, _CASE, _SPEAKS = 2, 900, 350


def prefix(decision_id: int) -> str:
    """What the ids of all blocks of that decision begin with."""
    return f"decision:{decision_id}:"


def draw(decision: Decision) -> list[Block]:
    """The decision as it stands for its reader, in the language that is spoken."""
    at = prefix(decision.id)
    if decision.state != "open":
        return draw_over(decision)
    title = _("A decision is wanted in %(program)s", program=decision.program)
    question = f"*{b.escaped(decision.title)}*"
    if decision.text:
        question += f"\n{b.escaped(b.cut(decision.text, _CASE))}"
    said = [b.header(title, f"{at}title"), b.section(question, f"{at}question")]
    for choice in decision.choices:
        said.append(b.section(_option(choice), f"{at}option:{choice.id}"))
    if decision.may_decide or any(voice.may_vote for voice in decision.voices):
        said.append(b.actions(_buttons(decision), f"{at}row"))
    said.append(b.context(b.escaped(_state(decision)), f"{at}state"))
    said.append(b.context(f"<{decision.url}|{b.escaped(_('Open the decision'))}>", f"{at}link"))
    return said


def draw_over(decision: Decision) -> list[Block]:
    """How it went."""
    at = prefix(decision.id)
    lines = [f"*{b.escaped(decision.title)}*", b.escaped(over_words(decision))]
    own = [_own_words(decision, voice) for voice in decision.voices if voice.has_voted]
    lines += [b.escaped(words) for words in own]
    link = b.context(f"<{decision.url}|{b.escaped(_('Open the decision'))}>", f"{at}link")
    return [b.section("\n".join(lines), f"{at}over"), link]


def draw_gone(decision_id: int) -> list[Block]:
    """What is left for somebody who may not read it any more."""
    return [b.section(b.escaped(gone_words()), f"{prefix(decision_id)}over")]


def gone_words() -> str:
    """What is said of a decision that is not the reader's any more."""
    return _("This decision does not wait for you any more.")


def over_words(decision: Decision) -> str:
    """How it went, in a line or two."""
    if decision.state == "withdrawn":
        return _("It was taken back before it was decided. %(reason)s", reason=b.cut(decision.reason, 600)).strip()
    return _("Decided: %(option)s. %(reason)s", option=decision.outcome, reason=b.cut(decision.reason, 600)).strip()


def read_aloud(decision: Decision) -> str:
    """The message's text, for notifications and screen readers."""
    words = over_words(decision) if decision.state != "open" else _state(decision)
    return b.cut(b.escaped(f"{decision.title}\n{words}"), b.MESSAGE_TEXT - 1_000)


def draw_waiting(waiting: Sequence[Decision]) -> list[Block]:
    """The decisions that wait for somebody's vote, for the app's home; [] where there is none."""
    said: list[Block] = []
    for decision in waiting[:MOST_SHOWN]:
        said += [*draw(decision), b.divider(f"{prefix(decision.id)}end")]
    return said


def window(decision: Decision, choice_id: int, metadata: str) -> Block:
    """The window that asks for the reason; for a seat, where somebody has several. `choice_id` 0 abstains."""
    chosen = next((one for one in decision.choices if one.id == choice_id), None)
    words = _("I vote for: %(option)s", option=chosen.title) if chosen else _("I abstain")
    said = [b.section(f"*{b.escaped(decision.title)}*\n{b.escaped(words)}", "vote")]
    voices = [voice for voice in decision.voices if voice.may_vote]
    if len(voices) > 1:
        seats = [
            (str(one.seat_id), _("My own seat") if one.is_own else _("The seat of %(name)s", name=one.name))
            for one in voices
        ]
        said.append(b.select_input(_("From which seat"), "seat", "choice", seats))
    elif voices and not voices[0].is_own:
        said.append(b.context(b.escaped(_("You vote for the seat of %(name)s.", name=voices[0].name)), "seat-of"))
    before = voices[0].reason if len(voices) == 1 else ""
    hint = _("If the committee decides otherwise, it is kept with your name as dissent.")
    said.append(
        b.text_input(
            _("Why"), "reason", "words", most=MAX_REASON, value=before, many_lines=True, optional=True, hint=hint
        )
    )
    return b.modal(SEND, _("My vote"), _("Vote"), _("Cancel"), said, metadata)


def decide_window(decision: Decision, metadata: str, *, note: str = "", reason: str = "") -> Block:
    """The window in which the chair decides, with the votes as they stand."""
    lines = [f"*{b.escaped(decision.title)}*"]
    lines += [f"• {b.escaped(one.title)}: {one.votes}" for one in decision.choices]
    said = [b.context(f"⚠ {b.escaped(note)}", "note")] if note else []
    said += [b.section("\n".join(lines), "votes"), b.context(b.escaped(_state(decision)), "state")]
    options = [(str(one.id), one.title) for one in decision.choices]
    leading = next((one for one in decision.choices if one.id == decision.leading), None)
    if leading is not None:
        options.insert(0, (BY_VOTE, _("As the votes stand: %(option)s", option=leading.title)))
    options.append(("0", _("None of the options")))
    hint = _("Needed unless it is as the votes stand. It is told to the committee, and frozen with the votes.")
    said.append(b.select_input(_("The decision"), "option", "choice", options))
    said.append(
        b.text_input(
            _("Why"), "reason", "words", most=MAX_REASON, value=reason, many_lines=True, optional=True, hint=hint
        )
    )
    return b.modal(TAKE, _("The decision"), _("Decide"), _("Cancel"), said, metadata)


def telling(words: str, typed: str = "", callback_id: str = SEND) -> Block:
    """The window when there is nothing to fill in; `typed` is what could not be kept, to be copied."""
    said = [b.section(b.escaped(words), "words")]
    if typed.strip():
        said.append(b.section(b.escaped(typed), "typed"))
    title = _("My vote") if callback_id == SEND else _("The decision")
    return b.modal(callback_id, title, "", _("Close"), said)


def _option(choice: Choice) -> str:
    words = f"*{b.escaped(choice.title)}*"
    if choice.is_advised:
        words += f" ({b.escaped(_('recommended by whoever asks'))})"
    return f"{words}\n{b.escaped(b.cut(choice.text, _SPEAKS))}" if choice.text else words


def _buttons(decision: Decision) -> list[Block]:
    taken = {voice.choice for voice in decision.voices if voice.has_voted and voice.choice is not None}
    made = []
    for choice in decision.choices:
        chosen = choice.id in taken
        label = f"✓ {choice.title}" if chosen else choice.title
        said = _("Vote for %(option)s: %(question)s", option=choice.title, question=decision.title)
        action_id, value = f"{VOTE}:{decision.id}:{choice.id}", f"{decision.id}:{choice.id}"
        made.append(b.button(label, action_id, value, style="primary" if chosen else "", said=said))
    said = _("Abstain: %(question)s", question=decision.title)
    made.append(b.button(_("Abstain"), f"{VOTE}:{decision.id}:0", f"{decision.id}:0", said=said))
    if decision.may_decide:
        said = _("Decide: %(question)s", question=decision.title)
        made.append(b.button(_("Decide …"), f"{DECIDE}:{decision.id}", f"{decision.id}:0", said=said))
    return made


def _state(decision: Decision) -> str:
    words = [_own_words(decision, voice) for voice in decision.voices if voice.has_voted]
    if not decision.voices:
        words.append(_("You have no seat in this committee now, so you cannot vote."))
    if decision.decide_by is not None:
        words.append(_("Needed by %(day)s.", day=core.day_in_words(decision.decide_by)))
    words.append(
        _(
            "%(spoken)s of the %(needed)s seats that are needed have voted.",
            spoken=decision.spoken,
            needed=decision.needed,
        )
    )
    if any(voice.may_vote and voice.has_voted for voice in decision.voices):
        words.append(_("You can change your vote until it is decided."))
    return " ".join(words)


def _own_words(decision: Decision, voice: Voice) -> str:
    option = next((one.title for one in decision.choices if one.id == voice.choice), _("abstention"))
    if voice.is_own:
        return _("Your vote: %(option)s.", option=option)
    return _("The vote of the seat of %(name)s: %(option)s.", name=voice.name, option=option)
