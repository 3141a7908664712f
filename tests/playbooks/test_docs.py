"""docs/playbooks.md says what the loader does: its example loads, and every key, word, code and limit stands in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from program.playbooks import document, loader, model
from program.playbooks.loader import KEYS, parse
from program.playbooks.model import COMPUTED_KINDS, CriterionKind, ItemKind, Playbook
from program.playbooks.problems import PROBLEMS_MAX, REASONS
from program.playbooks.roles import roles
from program.playbooks.vocabulary import CHANNELS, KPI_CODES
from program.playbooks.writer import dump

DOCS = (Path(__file__).parents[2] / "docs" / "playbooks.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```yaml\n(.*?)```", DOCS, re.DOTALL)[1]


def section(title: str) -> str:
    """The text under a heading, up to the next one."""
    return re.split(r"^#", DOCS.split(f"# {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def example() -> Playbook:
    return parse(EXAMPLE, "example.yaml")


def test_the_example_loads_and_can_be_saved_again() -> None:
    assert [phase.key for phase in example().phases] == ["try-out", "all-shops", "looking-back"]
    assert [(one.first_week, one.last_week) for one in example().schedule()] == [(1, 6), (6, 12), (15, 15)]
    assert parse(dump(example()), "again.yaml") == example()


@pytest.mark.parametrize("what", KEYS)
def test_the_example_is_complete(what: str) -> None:
    """Every key of the format is used in it at least once."""
    for key in (*KEYS[what][0], *KEYS[what][1]):
        assert re.search(rf"\b{key}:", EXAMPLE), key


@pytest.mark.parametrize("what", KEYS)
def test_every_key_is_explained_in_its_table(what: str) -> None:
    required, optional = KEYS[what]
    rows = [line.split("|")[1] for line in section(what.capitalize()).splitlines() if line.startswith("| ")]
    bold = {key for row in rows for key in re.findall(r"\*\*`(\w+)`\*\*", row)}
    every = {key for row in rows for key in re.findall(r"`(\w+)`", row)}
    assert bold == set(required)
    assert every - bold == set(optional)


def test_every_code_of_refusal_is_explained_and_no_other() -> None:
    table = section("When a file is refused")
    codes = {
        code
        for line in table.splitlines()
        if line.startswith("| `")
        for code in re.findall(r"`([\w-]+)`", line.split("|")[1])
    }
    assert codes == set(REASONS)


def test_every_word_and_limit_is_named() -> None:
    named = set(re.findall(r"`([\w-]+)`", DOCS))
    assert named >= {
        *roles(),
        *CHANNELS,
        *KPI_CODES,
        *COMPUTED_KINDS,
        *ItemKind,
        CriterionKind.MANUAL,
        *loader.BUILTIN_KEYS,
    }
    for limit in (
        model.NAME_MAX,
        model.TITLE_MAX,
        model.KEY_MAX,
        model.WEEKS_MAX,
        document.SIZE_MAX // 1024,
        PROBLEMS_MAX,
    ):
        assert re.search(rf"\b{limit}\b", DOCS), limit
    for limit in (model.TEXT_MAX, loader.ITEMS_MAX):
        assert f"{limit:,}" in DOCS
    for limit in (model.TAG_MAX, model.CRITERION_MAX):
        assert f"at most {limit} characters" in DOCS
