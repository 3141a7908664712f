"""The skill catalogue holds the handbook's skills in their three groups, in both languages."""

from __future__ import annotations

import re

import pytest

from program.playbooks.problems import PlaybookError
from program.playbooks.skills import SkillGroup, parse_skills, skills

# Handbook, section 4.
EXPECTED = {
    SkillGroup.TECHNICAL: ["integration_apis", "data_architecture", "analytics_visualisation", "automation"],
    SkillGroup.ANALYTICAL: ["journey_mapping", "multichannel_analysis", "dashboards", "hypothesis_testing"],
    SkillGroup.SOFT: [
        "cross_department_communication",
        "systems_thinking",
        "flexibility",
        "facilitation",
        "storytelling",
    ],
}


def test_the_handbooks_skills_are_there_group_by_group() -> None:
    assert [(skill.group, key) for key, skill in skills().items()] == [
        (group, key) for group, keys in EXPECTED.items() for key in keys
    ]


def test_every_skill_says_in_one_sentence_what_it_is() -> None:
    for skill in skills().values():
        # A column in the database holds the key.
        assert len(skill.key) <= 40
        for language in ("en", "pl"):
            assert skill.name.in_(language)
            assert re.fullmatch(r"[^.!]+\.", skill.meaning.in_(language)), skill.key
        assert skill.meaning.en != skill.meaning.pl


def test_the_catalogue_of_skills_cannot_be_changed_by_its_readers() -> None:
    with pytest.raises(TypeError):
        skills()["boss"] = skills()["dashboards"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("source", "line", "code"),
    [
        ("x:\n  group: soft\n  name: {en: A, pl: B}\n", 2, "missing-key"),
        ("x:\n  group: hard\n  name: {en: A, pl: B}\n  meaning: {en: A., pl: B.}\n", 2, "unknown-kind"),
        ("- x\n", 1, "not-mapping"),
    ],
)
def test_a_wrong_file_of_skills_is_refused(source: str, line: int, code: str) -> None:
    with pytest.raises(PlaybookError) as caught:
        parse_skills(source, "skills.yaml")
    assert [(problem.line, problem.code) for problem in caught.value.problems] == [(line, code)]
