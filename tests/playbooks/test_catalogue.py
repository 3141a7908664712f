"""The built-in playbooks against the domain handbook: every fact of its checklists is where a manager looks for it."""

from __future__ import annotations

import re
import time

import pytest

from program.planning.models.items import Channel
from program.playbooks.loader import BUILTIN_KEYS, FOLDER, builtin, catalogue
from program.playbooks.model import COMPUTED_CRITERIA, CriterionKind, Item, ItemKind, Phase, Playbook, Text
from program.playbooks.roles import roles
from program.playbooks.vocabulary import CHANNELS, KPI_CODES

# Handbook, sections 2 and 3: phase -> what its checklist must hold.
EXPECTED = {
    "rollout": {
        "discovery": (
            # must leave behind
            "business-goals channel-map customer-journeys integration-catalogue compliance-inventory approved-budget "
            "agreed-timeline "
            # also looked at
            "volumes-and-peaks contact-preferences system-dependencies "
            # outputs, and the rule of 2-3 channels
            "prioritised-requirements integration-matrix success-metrics first-channels kpi-baseline"
        ),
        "pilot": (
            "pilot-group pilot-channels test-customers agent-desktops channels-configured unified-inbox crm-linking "
            "context-handover daily-feedback interface-fixes kpi-comparison integration-gaps-found "
            "integration-gaps-fixed"
        ),
        "full-rollout": (
            "history-tickets history-context core-crm core-orders core-billing core-knowledge-base routing-by-intent "
            "routing-by-value routing-by-language agent-templates team-trained cutover-schedule fallback-procedures "
            "disaster-recovery monitoring-set-up job-aid-phone job-aid-email job-aid-chat job-aid-social "
            "job-aid-web-app job-aid-shop"
        ),
        "launch": "legacy-cutover end-to-end-tests support-24-7 live-dashboard kpi-monitoring customers-told",
        "optimisation": (
            "weekly-kpi-reviews suggestions-collected suggestions-carried-out routing-tuned behaviour-patterns "
            "extra-training further-channels-plan"
        ),
    },
    "small-company": {
        "mapping": (
            "where-customers-are customer-survey biggest-holes mystery-shopper traffic-data front-line-interviews "
            "mapping-retrospective"
        ),
        "centralisation": (
            "crm-set-up connect-phone connect-email connect-web connect-app connect-messengers connect-chat "
            "connect-shop "
            "centralisation-retrospective"
        ),
        "automation": "routing-rules bot-basic-questions follow-up-automatic automation-retrospective",
    },
    "cross-functional-team": {
        "diagnosis": "channel-audit department-readiness sponsorship",
        "pilot-team": "team-chosen team-time project-goal payback-counted",
        "learning": "results-analysed bottlenecks-found skills-gaps",
        "scaling": "roles-formal wide-training",
    },
}

# Handbook: how long each phase may take, in weeks (a month is 4.3 of them).
WEEKS = {
    "rollout": {"pilot": (8, 8), "full-rollout": (7, 9), "optimisation": (13, 13)},
    "small-company": {"mapping": (8, 9), "centralisation": (13, 13), "automation": (30, 31)},
    "cross-functional-team": {"diagnosis": (4, 6), "pilot-team": (8, 13), "learning": (13, 17), "scaling": (26, 52)},
}

BLOCKS = {
    "pilot": {"scope": (1, 2), "technical-setup": (3, 4), "data-and-tuning": (5, 8)},
    "full-rollout": {
        "history-import": (1, 2),
        "core-systems": (2, 4),
        "routing-rules": (3, 4),
        "agent-training": (4, 6),
        "cutover-planning": (5, 6),
        "monitoring": (7, 8),
    },
}

playbook_keys = pytest.mark.parametrize("key", BUILTIN_KEYS)


def phase(key: str, phase_key: str) -> Phase:
    return next(one for one in builtin(key).phases if one.key == phase_key)


def item(key: str, item_key: str) -> Item:
    return next(one for one in builtin(key).items() if one.key == item_key)


def all_texts(playbook: Playbook) -> list[Text]:
    found = [playbook.name, playbook.summary, *(tag.name for tag in playbook.tags)]
    for one in playbook.phases:
        assert one.gate is not None
        found += [one.name, one.purpose, one.gate.name, *(block.name for block in one.blocks)]
        found += [criterion.text for criterion in one.gate.manual_criteria]
        found += [text for item in one.items for text in (item.title, item.description)]
    return found


@pytest.mark.parametrize(("key", "phase_key"), [(key, one) for key, phases in EXPECTED.items() for one in phases])
def test_every_point_of_the_handbook_is_on_the_checklist(key: str, phase_key: str) -> None:
    there = {one.key: one for one in phase(key, phase_key).items}
    assert set(EXPECTED[key][phase_key].split()) <= set(there)


def test_what_discovery_must_leave_behind_is_required() -> None:
    musts = EXPECTED["rollout"]["discovery"].split()[:7]
    assert all(item("rollout", one).required for one in musts)


@playbook_keys
def test_phases_stand_in_the_handbooks_order_and_take_its_time(key: str) -> None:
    assert [one.key for one in builtin(key).phases] == list(EXPECTED[key])
    for phase_key, (least, most) in WEEKS[key].items():
        assert least <= phase(key, phase_key).weeks <= most


def test_a_rollout_is_launched_within_three_to_six_months() -> None:
    launch = next(placed for placed in builtin("rollout").schedule() if placed.phase.key == "launch")
    assert 13 <= launch.last_week <= 26
    assert builtin("rollout").weeks == launch.last_week + 13


@pytest.mark.parametrize("phase_key", BLOCKS)
def test_pilot_and_full_rollout_have_their_weekly_schedule(phase_key: str) -> None:
    blocks = {block.key: (block.first_week, block.last_week) for block in phase("rollout", phase_key).blocks}
    assert blocks == BLOCKS[phase_key]
    filled = {one.block for one in phase("rollout", phase_key).items}
    assert filled >= set(blocks)


@pytest.mark.parametrize(
    ("key", "item_key", "fact"),
    [
        ("rollout", "business-goals", "15%"),
        ("rollout", "business-goals", "20%"),
        ("rollout", "customer-journeys", "3–5"),
        ("rollout", "first-channels", "2–3"),
        ("rollout", "pilot-group", "10–20"),
        ("rollout", "pilot-channels", "2–3"),
        ("rollout", "support-24-7", "24/7"),
        ("rollout", "vendor-shortlist", "14–30"),
        ("small-company", "goals", "70%"),
        ("small-company", "channel-map", "2–3"),
        ("cross-functional-team", "team-chosen", "5–8"),
        ("cross-functional-team", "team-time", "50–70%"),
        ("cross-functional-team", "maturity-placed", "12–24"),
    ],
)
def test_the_handbooks_figures_are_in_both_languages(key: str, item_key: str, fact: str) -> None:
    one = item(key, item_key)
    for language in ("en", "pl"):
        assert fact in one.title.in_(language) + one.description.in_(language)


@playbook_keys
def test_a_retrospective_follows_every_phase(key: str) -> None:
    for one in builtin(key).phases:
        last = [each for each in one.items if each.key.endswith("retrospective") and each.last_week == one.weeks]
        assert last, one.key
        assert all(each.required for each in last)


def test_gates_look_at_the_kpis_their_phase_is_judged_by() -> None:
    for key in ("discovery", "pilot", "full-rollout", "launch", "optimisation"):
        gate = phase("rollout", key).gate
        assert gate is not None
        assert {"CSAT", "FCR", "AHT"} <= set(gate.kpis) <= KPI_CODES


@playbook_keys
def test_every_phase_ends_in_a_gate_with_all_computed_criteria_and_its_own(key: str) -> None:
    for one in builtin(key).phases:
        assert one.gate is not None
        assert one.gate.week == one.weeks
        assert one.gate.criteria[: len(COMPUTED_CRITERIA)] == COMPUTED_CRITERIA
        assert one.gate.manual_criteria
        assert one.gate.kpis


@playbook_keys
def test_every_text_is_there_in_both_languages_and_is_not_the_same_one_twice(key: str) -> None:
    playbook = builtin(key)
    assert playbook.languages == ("en", "pl")
    for text in all_texts(playbook):
        assert text.en
        assert text.pl
        # Few words are spelt alike in both languages (Pilot), no sentence is.
        assert text.en != text.pl or len(text.en.split()) < 4, text.en
        assert not re.search(r"[ąćęłńóśźż]", text.en, re.IGNORECASE), text.en
        assert "!" not in text.en + text.pl, text.en


@playbook_keys
def test_every_item_says_what_done_means_and_who_usually_owns_it(key: str) -> None:
    for one in builtin(key).items():
        assert one.role in roles()
        assert one.tags
        for language in ("en", "pl"):
            sentences = re.findall(r"[.?](?:\s|$)", one.description.in_(language))
            assert 1 <= len(sentences) <= 3, (one.key, language)
            assert not one.title.in_(language).endswith("."), one.key


@playbook_keys
def test_the_number_of_items_is_one_that_people_can_work_through(key: str) -> None:
    playbook = builtin(key)
    assert 35 <= len(list(playbook.items())) <= 90
    assert all(any(one.kind is ItemKind.MILESTONE for one in each.items) for each in playbook.phases if each.weeks <= 8)
    assert any(not one.required for one in playbook.items())


@playbook_keys
def test_a_new_program_begins_without_a_dependency_already_broken(key: str) -> None:
    """An item starts in a later week than those it waits for end; a milestone may fall at the end of the same week."""
    weeks = {
        one.key: (placed.first_week + one.first_week - 1, placed.first_week + one.last_week - 1)
        for placed in builtin(key).schedule()
        for one in placed.phase.items
    }
    for one in builtin(key).items():
        for before in one.after:
            wait = 0 if one.kind is ItemKind.MILESTONE else 1
            assert weeks[one.key][0] >= weeks[before][1] + wait, (one.key, before)


def test_small_company_joins_the_channels_in_the_handbooks_order() -> None:
    order = [one.key for one in phase("small-company", "centralisation").blocks]
    assert order == ["crm", "phone-and-email", "web-and-app", "messengers", "web-chat", "physical-site"]


def test_the_catalogue_holds_all_files_and_is_read_once_and_quickly() -> None:
    assert {file.stem for file in FOLDER.glob("*.yaml")} == set(BUILTIN_KEYS)
    assert [playbook.key for playbook in catalogue()] == list(BUILTIN_KEYS)
    assert catalogue() is catalogue()
    catalogue.cache_clear()
    builtin.cache_clear()
    started = time.perf_counter()
    catalogue()
    # 20 ms on an idle machine with libyaml, 160 ms without; the bound leaves room for a very busy one.
    assert time.perf_counter() - started < 10


def test_an_unknown_built_in_playbook_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        builtin("../../etc/passwd")


def test_the_channels_are_those_of_work_items() -> None:
    assert set(CHANNELS) == set(Channel)


def test_schedule_counts_overlaps_and_gaps() -> None:
    name = Text(en="x")
    plan = Playbook(
        "p",
        name,
        (
            Phase("a", name, 4),
            Phase("b", name, 6, overlaps_previous_weeks=2),
            Phase("c", name, 1, overlaps_previous_weeks=1),
            Phase("d", name, 2, gap_before_weeks=3),
        ),
    )
    assert [(one.first_week, one.last_week) for one in plan.schedule()] == [(1, 4), (3, 8), (8, 8), (12, 13)]
    assert plan.weeks == 13
    # A short phase inside a long one does not end the program early.
    assert Playbook("p", name, (Phase("a", name, 9), Phase("b", name, 2, overlaps_previous_weeks=9))).weeks == 9


def test_a_text_speaks_the_language_asked_for_or_the_one_it_has() -> None:
    both = Text(en="Pilot phase", pl="Pilotaż")
    assert both.in_("pl") == both.in_("pl_PL") == "Pilotaż"
    assert both.in_("en") == both.in_("de") == "Pilot phase"
    assert Text(pl="Pilotaż").in_("en") == "Pilotaż"
    assert Text(en="Pilot phase").in_("pl") == "Pilot phase"
    assert not Text()


def test_tags_have_a_word_in_each_language() -> None:
    assert builtin("rollout").tag_name("people", "pl") == "ludzie"
    with pytest.raises(KeyError):
        builtin("rollout").tag_name("nonsense", "pl")


@playbook_keys
def test_the_gate_out_of_the_first_phase_asks_whether_required_roles_are_filled(key: str) -> None:
    first = builtin(key).phases[0].gate
    assert first is not None
    assert CriterionKind.ROLES in {one.kind for one in first.own_criteria}
