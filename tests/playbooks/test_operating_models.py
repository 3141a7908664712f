"""The three operating models stand in the handbook's six aspects, in both languages; a wrong file is refused."""

from __future__ import annotations

import re

import pytest

from program.playbooks.operating_models import ASPECTS, operating_models, parse_models
from program.playbooks.problems import PlaybookError
from program.team.models import Model


def test_the_handbooks_three_models_are_there_in_six_aspects() -> None:
    assert list(operating_models()) == [model.value for model in Model]
    assert len(ASPECTS) == 6
    for model in operating_models().values():
        assert list(model.aspects) == list(ASPECTS)
        for language in ("en", "pl"):
            assert model.name.in_(language)
            for aspect in ASPECTS:
                assert re.fullmatch(r"[^.]+\.", model.aspects[aspect].in_(language)), (model.key, aspect)


def test_no_two_models_say_the_same_of_an_aspect() -> None:
    for aspect in ASPECTS:
        assert len({model.aspects[aspect] for model in operating_models().values()}) == 3, aspect


WHOLE = "centralised:\n  name: {en: C, pl: S}\n" + "".join(f"  {aspect}: {{en: x, pl: y}}\n" for aspect in ASPECTS)


def test_a_whole_file_is_taken() -> None:
    assert parse_models(WHOLE, "models.yaml")["centralised"].aspects["budget"].pl == "y"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (WHOLE.replace("  budget: {en: x, pl: y}\n", ""), "missing-key"),
        (WHOLE.replace("budget: {en: x, pl: y}", "budget: {en: x}"), "missing-language"),
        (WHOLE + "  colour: {en: x, pl: y}\n", "unknown-key"),
        ("- centralised\n", "not-mapping"),
    ],
)
def test_a_wrong_file_of_models_is_refused(source: str, code: str) -> None:
    with pytest.raises(PlaybookError) as caught:
        parse_models(source, "models.yaml")
    assert [problem.code for problem in caught.value.problems] == [code]
