"""The role catalogue holds the handbook's roles, in both languages, and a wrong file is refused like a playbook."""

from __future__ import annotations

import re

import pytest

from program.playbooks.problems import PlaybookError
from program.playbooks.roles import FILE, Circle, parse_roles, roles
from program.playbooks.skills import LEVELS, skills

# Handbook, section 4.
CORE = (
    "omnichannel_manager cx_specialist data_analyst integration_lead marketing_automation channel_manager product_owner"
)
AROUND = "executive_sponsor steering_committee change_ambassador super_user pilot_agent it_architect compliance"
WHOLE = """
boss:
  name: {en: Boss, pl: Szef}
  purpose: {en: Decides., pl: Decyduje.}
  circle: core
  responsibilities: [{en: Decides., pl: Decyduje.}]
"""


def test_the_handbooks_roles_are_there_with_one_sentence_each() -> None:
    assert list(roles()) == f"{CORE} {AROUND}".split()
    for role in roles().values():
        # A column in the database holds the key.
        assert len(role.key) <= 40
        for language in ("en", "pl"):
            assert role.name.in_(language)
            assert re.fullmatch(r"[^.]+\.", role.purpose.in_(language)), role.key
        assert role.name.en != role.name.pl


def test_core_roles_and_those_around_them_are_told_apart() -> None:
    assert [key for key, role in roles().items() if role.circle is Circle.CORE] == CORE.split()
    assert [key for key, role in roles().items() if role.circle is Circle.AROUND] == AROUND.split()


def test_every_role_says_what_it_answers_for() -> None:
    for role in roles().values():
        assert 3 <= len(role.responsibilities) <= 5, role.key
        for text in role.responsibilities:
            assert text.en != text.pl
            for language in ("en", "pl"):
                assert re.fullmatch(r"[^.!]+\.", text.in_(language)), (role.key, text.in_(language))


def test_the_share_of_a_pilot_team_is_the_handbooks_and_other_figures_are_marked_as_ours() -> None:
    """The handbook, section 3: people of a pilot team give 50 to 70 % of their time."""
    text = FILE.read_text(encoding="utf-8")
    for role in roles().values():
        if role.share_low is None or role.share_high is None:
            assert role.share_low is None
            assert role.share_high is None
            continue
        assert 1 <= role.share_low <= role.share_high <= 100
        part = text.partition(f"\n{role.key}:\n")[2].partition("share_low")[0].rpartition("\n")[0]
        assert part.endswith("# working value") == ((role.share_low, role.share_high) != (50, 70)), role.key


def test_roles_need_skills_of_the_catalogue_at_a_level_that_exists() -> None:
    for role in roles().values():
        assert role.skills, role.key
        assert set(role.skills) <= set(skills())
        assert set(role.skills.values()) <= set(LEVELS)
    # Every skill of the catalogue is there because somebody needs it.
    assert {skill for role in roles().values() for skill in role.skills} == set(skills())


def test_a_core_role_is_t_shaped() -> None:
    """The handbook, section 4: deep in something, at home in more than one group."""
    for role in roles().values():
        if role.circle is Circle.CORE and role.key != "channel_manager":
            assert 3 in role.skills.values(), role.key
        if role.circle is Circle.CORE:
            assert len({skills()[skill].group for skill in role.skills}) > 1, role.key


def test_the_catalogue_of_roles_cannot_be_changed_by_its_readers() -> None:
    with pytest.raises(TypeError):
        roles()["boss"] = roles()["compliance"]  # type: ignore[index]
    with pytest.raises(TypeError):
        roles()["compliance"].skills["dashboards"] = 3  # type: ignore[index]


def test_a_role_needs_no_share_and_no_skills() -> None:
    boss = parse_roles(WHOLE, "roles.yaml")["boss"]
    assert (boss.share_low, boss.share_high, dict(boss.skills)) == (None, None, {})


@pytest.mark.parametrize(
    ("source", "line", "code"),
    [
        (WHOLE.replace("  purpose: {en: Decides., pl: Decyduje.}\n", ""), 3, "missing-key"),
        (WHOLE.replace(", pl: Szef", ""), 3, "missing-language"),
        (WHOLE.replace("circle: core", "circle: cor"), 5, "unknown-kind"),
        (WHOLE.replace("[{en: Decides., pl: Decyduje.}]", "[]"), 6, "empty-list"),
        (WHOLE + "  share_low: 70\n  share_high: 50\n", 8, "not-number"),
        (WHOLE + "  share_low: 0\n  share_high: 50\n", 7, "not-number"),
        (WHOLE + "  skills: {dashboard: 2}\n", 7, "unknown-key"),
        (WHOLE + "  skills: {dashboards: 4}\n", 7, "not-number"),
        ("- boss\n", 1, "not-mapping"),
        (WHOLE.partition("  name")[0].replace("boss:", "boss: x"), 2, "not-mapping"),
    ],
)
def test_a_wrong_file_of_roles_is_refused(source: str, line: int, code: str) -> None:
    with pytest.raises(PlaybookError) as caught:
        parse_roles(source, "roles.yaml")
    assert [(problem.line, problem.code) for problem in caught.value.problems] == [(line, code)]
