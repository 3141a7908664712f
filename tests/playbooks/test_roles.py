"""The role catalogue holds the handbook's roles, in both languages, and a wrong file is refused like a playbook."""

from __future__ import annotations

import re

import pytest

from program.playbooks.problems import PlaybookError
from program.playbooks.roles import parse_roles, roles

# Handbook, section 4.
EXPECTED = (
    "omnichannel_manager cx_specialist data_analyst integration_lead marketing_automation channel_manager "
    "product_owner executive_sponsor steering_committee change_ambassador super_user pilot_agent it_architect "
    "compliance"
)


def test_the_handbooks_roles_are_there_with_one_sentence_each() -> None:
    assert list(roles()) == EXPECTED.split()
    for role in roles().values():
        # A column in the database holds the key.
        assert len(role.key) <= 40
        for language in ("en", "pl"):
            assert role.name.in_(language)
            assert re.fullmatch(r"[^.]+\.", role.purpose.in_(language)), role.key
        assert role.name.en != role.name.pl


def test_the_catalogue_of_roles_cannot_be_changed_by_its_readers() -> None:
    with pytest.raises(TypeError):
        roles()["boss"] = roles()["compliance"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("source", "line", "code"),
    [
        ("boss:\n  name: {en: Boss, pl: Szef}\n", 2, "missing-key"),
        ("boss:\n  name: {en: Boss}\n  purpose: {en: x, pl: y}\n", 2, "missing-language"),
        ("- boss\n", 1, "not-mapping"),
        ("boss: x\n", 1, "not-mapping"),
    ],
)
def test_a_wrong_file_of_roles_is_refused(source: str, line: int, code: str) -> None:
    with pytest.raises(PlaybookError) as caught:
        parse_roles(source, "roles.yaml")
    assert [(problem.line, problem.code) for problem in caught.value.problems] == [(line, code)]
