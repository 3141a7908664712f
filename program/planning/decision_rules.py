"""What a gate decision has to hold before it can be recorded: the rules of `decisions.py`, applied to one draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from program.ground.actor import Access
from program.ground.calendar import LAST_DAY
from program.ground.errors import Invalid
from program.ground.records import record
from program.ground.text import clean_line, clean_text
from program.planning.item_rules import MAX_TITLE
from program.planning.models.gates import PASSING_OUTCOMES, Outcome
from program.planning.readiness import GateReadiness

MAX_REASON, MAX_GUEST, MAX_GUESTS, MAX_CONDITIONS = 5_000, 120, 30, 30


@record
class Dissent:
    """Somebody who was against, and why; `person_id` for a member, a name for a guest."""

    name: str
    why: str
    person_id: int | None = None


@record
class ConditionDraft:
    """What a conditional go asks for. `number` is that of an unfinished condition of this gate taken along."""

    title: str
    owner_id: int | None
    due_on: date | None
    number: int | None = None


@record
class DecisionDraft:
    """A decision that is not recorded yet. `looked` is `gate_evidence.look` of what the decider saw; '' skips it."""

    outcome: str
    reason: str
    decided_on: date | None
    deciders: tuple[int, ...] = ()
    guests: tuple[str, ...] = ()
    dissent: tuple[Dissent, ...] = ()
    conditions: tuple[ConditionDraft, ...] = ()
    override: str = ""
    close_phase: bool = False
    looked: str = ""


@record
class Member:
    """Somebody of the program, as the one who decides or who owns a condition."""

    id: int
    name: str
    access: int


def check(gate: GateReadiness, draft: DecisionDraft, today: date, members: list[Member]) -> DecisionDraft:
    """The decision, tidied, if the rules allow it. Raises Invalid with every field that is wrong."""
    return _Check(gate, draft, today, {member.id: member for member in members}).run()


class _Check:
    """The rules of this module, applied to one draft; every field at fault is named at once."""

    def __init__(self, gate: GateReadiness, draft: DecisionDraft, today: date, members: dict[int, Member]) -> None:
        self.gate = gate
        self.draft = draft
        self.today = today
        self.members = members
        self.wrong: dict[str, Any] = {}

    def run(self) -> DecisionDraft:
        draft = self.draft
        outcome = self._outcome()
        checked = replace(
            draft,
            outcome=outcome,
            reason=self._text("reason", draft.reason, _l("Say why it was decided so.")),
            override=self._override(outcome),
            decided_on=self._day(),
            deciders=self._deciders(),
            guests=self._guests(),
            dissent=self._dissent(),
            conditions=self._conditions(outcome),
        )
        if self.wrong:
            raise Invalid(_l("The decision cannot be recorded yet."), self.wrong)
        return checked

    def _text(self, field: str, text: str, missing: Any = None, most: int = MAX_REASON) -> str:
        text = clean_text(text)
        if not text and missing is not None:
            self.wrong[field] = missing
        elif len(text) > most:
            self.wrong[field] = _l("Up to %(most)s letters.", most=most)
        return text

    def _outcome(self) -> str:
        outcome = self.draft.outcome
        if outcome not in tuple(Outcome):
            self.wrong["outcome"] = _l("Choose one of the four outcomes.")
            return outcome
        if outcome not in PASSING_OUTCOMES:
            return outcome
        blocked = next((each for each in self.gate.criteria if each.kind == "earlier_conditions"), None)
        if blocked is not None and blocked.met is not True:
            self.wrong["outcome"] = _l(
                "No gate passes while an earlier conditional go has unfinished conditions. Finish them first, or hold."
            )
        elif self.gate.passed:
            self.wrong["outcome"] = _l(
                "This gate is passed. It can be held or refused; it can pass again only after a late condition."
            )
        return outcome

    def _override(self, outcome: str) -> str:
        unmet = self.gate.met < self.gate.total or self.gate.open_conditions
        if outcome != Outcome.GO or not unmet:
            if clean_text(self.draft.override) and "outcome" not in self.wrong:
                # Dropped without a word it would be missed in a year, when somebody asks.
                self.wrong["override"] = _l("Only a go with something open takes this. Move it to “Why”, or clear it.")
            return ""
        return self._text(
            "override", self.draft.override, _l("Not everything is met. Say why it is a go all the same.")
        )

    def _day(self) -> date | None:
        day = self.draft.decided_on
        if day is None:
            self.wrong["decided_on"] = _l("Say on which day it was decided.")
        elif day > self.today:
            self.wrong["decided_on"] = _l("A decision cannot be recorded before it is taken.")
        elif (self.today - day).days > 366:
            self.wrong["decided_on"] = _l("That is more than a year ago. What is frozen is what is seen today.")
        return day

    def _deciders(self) -> tuple[int, ...]:
        deciders = tuple(dict.fromkeys(self.draft.deciders))
        if any(person_id not in self.members for person_id in deciders):
            self.wrong["deciders"] = _l("Choose people of this program.")
        elif not deciders and not any(guest.strip() for guest in self.draft.guests):
            self.wrong["deciders"] = _l("Name at least one person who decided.")
        return deciders

    def _guests(self) -> tuple[str, ...]:
        guests = tuple(dict.fromkeys(clean_line(guest) for guest in self.draft.guests))
        guests = tuple(guest for guest in guests if guest)
        if len(guests) > MAX_GUESTS or any(len(guest) > MAX_GUEST for guest in guests):
            self.wrong["guests"] = _l("Up to 30 names of up to 120 letters, one a line.")
        return guests

    def _dissent(self) -> tuple[Dissent, ...]:
        by_name = {member.name: member.id for member in self.members.values()}
        checked = []
        for place, each in enumerate(self.draft.dissent):
            name = clean_line(each.name)
            if not name and not each.why.strip():
                continue
            if not name:
                self.wrong[f"dissent-{place}-name"] = _l("Say who was against.")
            elif len(name) > MAX_GUEST:
                self.wrong[f"dissent-{place}-name"] = _l("Up to %(most)s letters.", most=MAX_GUEST)
            why = self._text(f"dissent-{place}-why", each.why, _l("Say why, in their words."), 2_000)
            checked.append(Dissent(name, why, by_name.get(name)))
        return tuple(checked)

    def _conditions(self, outcome: str) -> tuple[ConditionDraft, ...]:
        if outcome != Outcome.CONDITIONAL_GO:
            return ()
        own = {condition.link.number for condition in self.gate.open_conditions}
        checked, named = [], set()
        for place, each in enumerate(self.draft.conditions):
            if each.number is None and not each.title.strip() and each.owner_id is None and each.due_on is None:
                continue
            if each.number is not None and (each.number not in own or each.number in named):
                self.wrong[f"conditions-{place}-title"] = _l("This is not an unfinished condition of this gate.")
            named.add(each.number)
            checked.append(self._condition(place, each))
        if not checked:
            self.wrong["conditions"] = _l("A conditional go needs at least one condition.")
        elif len(checked) > MAX_CONDITIONS:
            self.wrong["conditions"] = _l("Up to %(most)s conditions.", most=MAX_CONDITIONS)
        elif own - named:
            self.wrong["conditions"] = _l("Take the gate's unfinished conditions along, each with a new date.")
        return tuple(checked)

    def _condition(self, place: int, each: ConditionDraft) -> ConditionDraft:
        title = clean_line(each.title)
        if not title:
            self.wrong[f"conditions-{place}-title"] = _l("Say what has to be done.")
        elif len(title) > MAX_TITLE:
            self.wrong[f"conditions-{place}-title"] = _l("Up to %(most)s letters.", most=MAX_TITLE)
        owner = self.members.get(each.owner_id or 0)
        if owner is None or owner.access < Access.CONTRIBUTOR:
            self.wrong[f"conditions-{place}-owner_id"] = _l("Choose who owns it.")
        if each.due_on is None:
            self.wrong[f"conditions-{place}-due_on"] = _l("Say by when.")
        elif not self.today <= each.due_on <= LAST_DAY:
            self.wrong[f"conditions-{place}-due_on"] = _l("Give a day that is still ahead.")
        return ConditionDraft(title, each.owner_id, each.due_on, each.number)
