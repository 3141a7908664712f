"""What is written comes back as it was, reads well, and never differs from one time to the next."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from program.playbooks.loader import BUILTIN_KEYS, FOLDER, ITEMS_MAX, builtin, parse
from program.playbooks.model import Gate, Item, Phase, Playbook, Text
from program.playbooks.problems import PlaybookError
from program.playbooks.writer import dump
from tests.playbooks.strategies import playbooks


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(playbooks())
def test_any_playbook_comes_back_from_its_file(playbook: Playbook) -> None:
    written = dump(playbook)
    read = parse(written.encode(), "saved.yaml")
    assert read == playbook
    assert dump(read) == written


@pytest.mark.parametrize("key", BUILTIN_KEYS)
def test_the_built_in_files_are_as_the_writer_writes_them(key: str) -> None:
    """So a program saved from a built-in playbook differs from it only where somebody changed something."""
    text = (FOLDER / f"{key}.yaml").read_text(encoding="utf-8")
    body = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    assert dump(builtin(key)) == body


def small(**changes: object) -> Playbook:
    item = Item(
        "first", Text(pl="Zażółć gęślą jaźń"), 1, 2, Text(pl="Pierwszy wiersz.\n\n- punkt"), role="data_analyst"
    )
    phase = Phase("start", Text(pl="Początek"), 4, items=(item,))
    return replace(Playbook("mine", Text(pl="Mój"), (phase,), languages=("pl",)), **changes)


def test_a_file_reads_like_something_a_person_wrote() -> None:
    assert dump(small()) == (
        "key: mine\n"
        "name:\n"
        "  pl: Mój\n"
        "languages: [pl]\n"
        "phases:\n"
        "  - key: start\n"
        "    name:\n"
        "      pl: Początek\n"
        "    weeks: 4\n"
        "    items:\n"
        "      - key: first\n"
        "        title:\n"
        "          pl: Zażółć gęślą jaźń\n"
        "        description:\n"
        "          pl: |-\n"
        "            Pierwszy wiersz.\n"
        "\n"
        "            - punkt\n"
        "        role: data_analyst\n"
        "        week: 1-2\n"
    )


def test_what_breaks_the_format_is_not_written() -> None:
    many = tuple(Item(f"i{n}", Text(pl="x"), 1, 1) for n in range(ITEMS_MAX + 1))
    with pytest.raises(PlaybookError, match="2000 items at most; this one has 2001"):
        dump(small(phases=(Phase("start", Text(pl="Początek"), 4, items=many),)))
    with pytest.raises(PlaybookError, match=r"mine\.yaml:3: “name” is 121 characters long"):
        dump(small(name=Text(pl="x" * 121)))
    with pytest.raises(ValueError, match="does not come back"):
        dump(
            small(
                phases=(Phase("start", Text(pl="Początek"), 4, gate=Gate("gate", Text(pl="Bramka"), 4, criteria=())),)
            )
        )


def test_texts_from_a_form_are_the_same_texts() -> None:
    assert Text(en=" one\r\ntwo\u2028three \n") == Text(en="one\ntwo\nthree")
