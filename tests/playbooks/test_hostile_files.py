"""Whatever somebody uploads: a refusal with reasons, quickly, and never anything else."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from program.playbooks import document
from program.playbooks.loader import FOLDER, parse
from program.playbooks.model import Playbook
from program.playbooks.problems import PlaybookError, Problem
from tests.playbooks.samples import GOOD

LIMIT = document.SIZE_MAX
# Generous: the machines that run tests are slow and shared; a real blow-up takes minutes, not seconds.
SECONDS = 20


def accepted_or_refused(source: str | bytes) -> None:
    try:
        playbook: Playbook | None = parse(source, "upload.yaml")
        problems: tuple[Problem, ...] = ()
    except PlaybookError as error:
        playbook, problems = None, error.problems
    assert (playbook is None) == bool(problems)
    # YAML counts a few more characters as line breaks than editors do.
    text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    for problem in problems:
        assert 1 <= problem.line <= len(text.splitlines()) + 1
        assert problem.text()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300) | st.binary(max_size=300))
def test_random_input(source: str | bytes) -> None:
    accepted_or_refused(source)


SIGNS = st.sampled_from(
    [
        "\n",
        "  ",
        "- ",
        ": ",
        "? ",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "!!python/object:os.system ",
        "!",
        "|",
        ">",
        "---\n",
    ]
    + [
        "...\n",
        "#",
        '"',
        "'",
        '"\\UFFFFFFFF"',
        '"\\ud800"',
        "%YAML 9.9\n",
        "%TAG ! x\n",
        "<<: ",
        "\t",
        "\x85",
        "\u2028",
    ]
    + ["~", "=", "key", "0o7", "1e999", ".inf", "-", ",", "@", "`", "99999999999999999999", "phases:", "items:"]
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SIGNS, max_size=30).map("".join))
def test_yaml_like_noise(either_parser: None, source: str) -> None:
    accepted_or_refused(source)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good file, with pieces cut out, doubled, swapped or put in."""
    text = GOOD
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 60)))
        put = draw(st.just("") | SIGNS | st.just(text[start:end] * 2) | st.text(max_size=5))
        text = text[:start] + put + text[end:]
    return text


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutated())
def test_a_good_file_gone_bad(either_parser: None, source: str) -> None:
    accepted_or_refused(source)


LAUGHS = "a: &a [x]\n" + "".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)

FLOODS = {
    "billion laughs": LAUGHS,
    "brackets": "[" * LIMIT,
    "braces": "{" * LIMIT,
    "flow in a key": "key: " + "[" * (LIMIT - 10),
    "dashes": "- " * (LIMIT // 2),
    "question marks": "? " * (LIMIT // 2),
    "quotes never closed": '"' + "x" * (LIMIT - 2),
    "one long word": "x" * LIMIT,
    "unknown keys": "".join(f"phasez{n}: 1\n" for n in range(LIMIT // 16)),
    "duplicate keys": "a:\n" * (LIMIT // 3),
    "anchors": "".join(f"- &a{n} x\n" for n in range(LIMIT // 16)),
    "problems in one long list": "phases: [" + "a, " * (LIMIT // 3 - 10) + "]",
    "line breaks": "\n" * LIMIT,
    "long folded text": "key: >\n" + " x\n" * (LIMIT // 3 - 4),
}


@pytest.mark.parametrize("name", FLOODS)
def test_floods_are_refused_in_time(name: str) -> None:
    started = time.perf_counter()
    with pytest.raises(PlaybookError):
        parse(FLOODS[name], "flood.yaml")
    assert time.perf_counter() - started < SECONDS


def chain(count: int, *, unknown: bool = False) -> str:
    """Items that each wait for the one before; or for words much like those that exist."""
    items = [
        f"  - {{key: i{n}, title: {{en: T, pl: T}}, week: 1, after: [{'j' if unknown else 'i'}{n + 1}]}}"
        for n in range(count)
    ]
    last = f"  - {{key: i{count}, title: {{en: T, pl: T}}, week: 1}}"
    head = "key: a\nname: {en: A, pl: A}\nphases:\n- key: p\n  name: {en: P, pl: P}\n  weeks: 1\n  items:\n"
    return head + "\n".join([*items, last]) + "\n"


def test_long_chains_of_dependencies_are_no_trouble() -> None:
    assert len(list(parse(chain(1_999), "chain.yaml").items())) == 2_000


def test_thousands_of_near_misses_do_not_stall() -> None:
    started = time.perf_counter()
    with pytest.raises(PlaybookError):
        parse(chain(1_999, unknown=True), "chain.yaml")
    assert time.perf_counter() - started < SECONDS


def test_nothing_is_ever_built_from_a_tag() -> None:
    with pytest.raises(PlaybookError) as caught:
        parse("key: !!python/object/apply:os.system ['true']\n", "evil.yaml")
    assert caught.value.problems[0].code == "tag"


def test_a_built_in_file_cut_anywhere_is_refused_with_a_line() -> None:
    text = (FOLDER / "rollout.yaml").read_text(encoding="utf-8")
    for cut in range(0, len(text), 2_999):
        accepted_or_refused(text[:cut])


def test_both_parsers_read_the_built_in_files_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (FOLDER / "small-company.yaml").read_bytes()
    quick = parse(source, "small-company.yaml")
    monkeypatch.setattr(document, "LOADER", yaml.SafeLoader)
    assert parse(source, "small-company.yaml") == quick
