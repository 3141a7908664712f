"""The words of ideas: stages, verdicts, what the trail says of them, and the message that tells a proposer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from program.change.models.ideas import Stage, Verdict
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.planning.history_words import COLUMN_WORDS, TITLES, VALUE_WORDS

STAGE_WORDS: dict[str, Any] = {
    Stage.HEARD.value: _l("Heard"),
    Stage.RESEARCHED.value: _l("Researched"),
    Stage.PROTOTYPE.value: _l("Prototype"),
    Stage.AB_TEST.value: _l("A/B test"),
    Stage.ROLLED_OUT.value: _l("Rolled out"),
    Stage.DECLINED.value: _l("Declined"),
}
# Each stage as one of the marks that every page knows (macros/states.html).
STAGE_MARKS: dict[str, str] = {
    Stage.HEARD.value: "todo",
    Stage.RESEARCHED.value: "doing",
    Stage.PROTOTYPE.value: "doing",
    Stage.AB_TEST.value: "running",
    Stage.ROLLED_OUT.value: "done",
    Stage.DECLINED.value: "dropped",
}
# What a proposer reads where nobody wrote more.
STAGE_SENTENCES: dict[str, Any] = {
    Stage.HEARD.value: _l("Your idea was heard again: it goes back to the beginning."),
    Stage.RESEARCHED.value: _l("Somebody is finding out how many people have the same trouble, and why."),
    Stage.PROTOTYPE.value: _l("A first version is being made."),
    Stage.AB_TEST.value: _l("The new way is tried beside the old one."),
    Stage.ROLLED_OUT.value: _l("It works, and everybody gets it."),
    Stage.DECLINED.value: _l("It will not be done."),
}
VERDICT_WORDS: dict[str, Any] = {
    Verdict.BETTER.value: _l("B is better"),
    Verdict.NO_DIFFERENCE.value: _l("No difference"),
    Verdict.WORSE.value: _l("B is worse"),
    Verdict.UNCLEAR.value: _l("Unclear"),
}
VERDICT_MARKS: dict[str, str] = {
    Verdict.BETTER.value: "met",
    Verdict.NO_DIFFERENCE.value: "dropped",
    Verdict.WORSE.value: "unmet",
    Verdict.UNCLEAR.value: "no_data",
}
TITLES.update(
    {
        "idea.created": _l("Idea “%(name)s” handed in"),
        "idea.changed": _l("Idea “%(name)s” changed"),
        "idea.moved": _l("A step of the idea “%(name)s”"),
        "idea.removed": _l("Idea “%(name)s” withdrawn"),
        "idea.linked": _l("The idea “%(name)s” became an item"),
        "ab_test.created": _l("A/B test “%(name)s” added"),
        "ab_test.changed": _l("A/B test “%(name)s” changed"),
        "ab_test.removed": _l("A/B test “%(name)s” removed"),
    }
)
COLUMN_WORDS.update(
    {
        "idea.stage": _l("Stage"),
        "idea.detail": _l("Details"),
        "ab_test.hypothesis": _l("Hypothesis"),
        "ab_test.metric": _l("Metric"),
        "ab_test.group_a": _l("Group A"),
        "ab_test.group_b": _l("Group B"),
        "ab_test.result_a": _l("Result of A"),
        "ab_test.result_b": _l("Result of B"),
        "ab_test.verdict": _l("Verdict"),
        "ab_test.conclusion": _l("Conclusion"),
    }
)
VALUE_WORDS["stage"] = STAGE_WORDS
VALUE_WORDS["verdict"] = VERDICT_WORDS


def _step_words(data: Mapping[str, Any]) -> Words:
    stage = str(data.get("stage", ""))
    subject = _(
        "Your idea “%(title)s”: %(stage)s",
        title=data.get("title", ""),
        stage=str(STAGE_WORDS.get(stage, stage)).lower(),
    )
    return Words(subject, str(data.get("note") or STAGE_SENTENCES.get(stage, "")), _("See your ideas"))


IDEA_STEP = register(MessageKind("change.idea_step", _l("A step of your idea"), Pace.DIGEST, _step_words, icon="bulb"))
