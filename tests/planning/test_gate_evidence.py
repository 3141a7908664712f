"""The chain of evidence: one way to write a record down, and no way to change one unseen."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from program.extensions import db
from program.planning import gate_evidence as evidence
from program.planning.models import Baseline, BaselineLine, GateDecision
from tests.planning.builder import Alfa
from tests.planning.test_decisions import take

leaves = st.none() | st.booleans() | st.integers() | st.text()
records = st.dictionaries(
    st.text(),
    st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12),
)


@given(records, st.randoms())
def test_canonical_text_does_not_depend_on_order_and_reads_back(record: dict, chance: Any):
    items = list(record.items())
    chance.shuffle(items)
    text = evidence.canonical(record)
    assert evidence.canonical(dict(items)) == text
    assert json.loads(text) == record
    assert evidence.canonical(json.loads(text)) == text


def test_canonical_text_is_the_known_one():
    record = {"z": [1, None, True], "a": {"ł": "„ąę”\n", "b": ""}}
    assert evidence.canonical(record) == '{"a":{"b":"","ł":"„ąę”\\n"},"z":[1,null,true]}'
    # As `printf '%064d\n{"a":1}' 0 | sha256sum` says.
    known = "f21735afd2cd6af4fc5804b0045cebfd545aef8396d29d030c39cb8880b45b7f"
    assert evidence.digest("0" * 64, '{"a":1}') == known


@pytest.mark.parametrize("record", [{"a": 1.5}, {"a": [{"b": 0.1}]}, {"a": float("nan")}])
def test_fractions_are_refused(record: dict):
    with pytest.raises(ValueError, match="fractions"):
        evidence.canonical(record)


COLUMNS = (
    "sequence",
    "gate_id",
    "outcome",
    "reason",
    "decided_at",
    "recorded_by_id",
    "record",
    "previous_hash",
    "hash",
)


def changed(alfa: Alfa, decision: GateDecision, column: str, chance: Any) -> Any:
    """Another value for that column."""
    old = getattr(decision, column)
    if column == "sequence":
        return old + chance.randint(10, 99)
    if column == "gate_id":
        return chance.choice([gate for gate in alfa.gates if gate != old])
    if column == "decided_at":
        return old + timedelta(microseconds=chance.randint(1, 10**9))
    if column == "recorded_by_id":
        return chance.choice([None, alfa.cast.viewer.id])
    if column == "outcome":
        return "go"
    place = chance.randrange(len(old))
    letter = chance.choice([letter for letter in "0123456789abcdef" if letter != old[place]])
    return old[:place] + letter + old[place + 1 :]


@pytest.fixture
def chain(alfa: Alfa) -> Alfa:
    """Three decisions, committed."""
    for place in range(3):
        take(alfa, place=place)
    db.session.commit()
    assert evidence.verify(alfa.id) == []
    return alfa


@given(link=st.integers(1, 3), column=st.sampled_from(COLUMNS), chance=st.randoms(), cover_up=st.booleans())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_field_of_any_decision_can_be_changed_unseen(
    chain: Alfa, link: int, column: str, chance: Any, cover_up: bool
):
    try:
        decision = db.session.scalars(select(GateDecision).where(GateDecision.sequence == link)).one()
        values = {column: changed(chain, decision, column, chance)}
        if cover_up and column == "record":
            # Whoever changes the record and takes the hash anew is found by the next link, or by the audit trail.
            values["hash"] = evidence.digest(decision.previous_hash, values["record"])
        db.session.execute(update(GateDecision).where(GateDecision.id == decision.id).values(**values))
        found = evidence.verify(chain.id)
        assert found
        assert all(each.reason for each in found)
    finally:
        db.session.rollback()


@given(path=st.integers(0, 10_000), link=st.integers(1, 3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_inside_a_record_can_be_changed_unseen(chain: Alfa, path: int, link: int):
    try:
        decision = db.session.scalars(select(GateDecision).where(GateDecision.sequence == link)).one()
        record = json.loads(decision.record)
        places = list(_leaves(record))
        holder, key = places[path % len(places)]
        holder[key] = "changed" if holder[key] != "changed" else "again"
        text = evidence.canonical(record)
        # A forger who takes the hash of this link anew.
        db.session.execute(
            update(GateDecision)
            .where(GateDecision.id == decision.id)
            .values(record=text, hash=evidence.digest(decision.previous_hash, text))
        )
        assert evidence.verify(chain.id)
    finally:
        db.session.rollback()


def _leaves(value: Any):
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in list(pairs):
        if isinstance(part, dict | list):
            yield from _leaves(part)
        else:
            yield value, key


@pytest.mark.parametrize("gone", [[1], [2], [3], [2, 3], [1, 2, 3]])
@pytest.mark.usefixtures("context")
def test_a_missing_decision_is_found_even_at_the_end(chain: Alfa, gone: list[int]):
    ids = select(GateDecision.id).where(GateDecision.sequence.in_(gone))
    baselines = select(Baseline.id).where(Baseline.decision_id.in_(ids))
    db.session.execute(delete(BaselineLine).where(BaselineLine.baseline_id.in_(baselines)))
    db.session.execute(delete(Baseline).where(Baseline.decision_id.in_(ids)))
    db.session.execute(delete(GateDecision).where(GateDecision.sequence.in_(gone)))
    found = evidence.verify(chain.id)
    assert {each.sequence for each in found} >= set(gone)
    db.session.rollback()


@pytest.mark.usefixtures("context")
def test_swapped_decisions_are_found(chain: Alfa):
    for old, new in ((1, 99), (2, 1), (99, 2)):
        db.session.execute(update(GateDecision).where(GateDecision.sequence == old).values(sequence=new))
    assert {each.sequence for each in evidence.verify(chain.id)} >= {1, 2}
    db.session.rollback()


@pytest.mark.usefixtures("context")
def test_a_record_that_is_no_json_is_told_and_does_not_break_the_check(chain: Alfa):
    db.session.execute(update(GateDecision).where(GateDecision.sequence == 2).values(record="[]"))
    reasons = [each.reason for each in evidence.verify(chain.id) if each.sequence == 2]
    assert "Its record cannot be read." in reasons
    db.session.rollback()
