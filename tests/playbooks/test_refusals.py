# ruff: noqa: E501 - a table of cases reads best with one case a line
"""A wrong playbook is refused with the line and a plain reason for each thing that is wrong in it."""

from __future__ import annotations

import re

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from flask import Flask
from flask_babel import Babel, force_locale, gettext

from program.playbooks import document, problems
from program.playbooks.loader import ITEMS_MAX, parse
from program.playbooks.problems import DID_YOU_MEAN, PROBLEMS_MAX, REASONS, Findings, PlaybookError, Problem
from tests.playbooks.samples import GOOD

SECOND_PHASE = "  - key: two\n    name: {en: Two, pl: Dwa}\n    weeks: 2\n"

# What is put in place of what, and the one problem that follows: line, code, and the reason as it is read.
CASES = [
    # Keys and types
    ("weeks: 4", "wekes: 4\n    weeks: 4", 6, "unknown-key", "“wekes” is not a key that can stand here. Did you mean “weeks”?"),
    ("weeks: 4", "zzz: 4\n    weeks: 4", 6, "unknown-key", "“zzz” is not a key that can stand here."),
    ("    weeks: 4\n", "", 4, "missing-key", "“weeks” is missing."),
    ("        week: 3\n", "", 13, "missing-key", "“week” is missing."),
    ("weeks: 4", "weeks: 4\n    weeks: 5", 7, "duplicate-key", "“weeks” is given twice; the first time on line 6."),
    ("weeks: 4", "weeks: 4\n    [a]: 5", 7, "key-not-text", "A key must be a plain word."),
    ("{en: Start, pl: Początek}", "Start", 5, "not-mapping", "“name” must hold keys with values."),
    ("after: [first]", "after: first", 16, "not-list", "“after” must be a list."),
    ("{en: Start, pl: Początek}", "{en: [a], pl: Początek}", 5, "not-text", "“name” must be a text."),
    ("weeks: 4", "weeks: four", 6, "not-number", "“weeks” must be a whole number from 1 to 260."),
    ("weeks: 4", "weeks: 4.0", 6, "not-number", None),
    ("weeks: 4", 'weeks: "4"', 6, "not-number", None),
    ("weeks: 4", "weeks: -4", 6, "not-number", None),
    ("weeks: 4", "weeks: 99999999999999999999", 6, "not-number", None),
    ("weeks: 4", "weeks: [4]", 6, "not-number", None),
    ("week: 3", "week: 3\n        required: maybe", 16, "not-flag", "“required” must be true or false."),
    ("week: 3", 'week: 3\n        required: "true"', 16, "not-flag", None),
    ("week: 3", "week: soon", 15, "not-weeks", "“week” must be a week (3) or a span of weeks (1-2)."),
    ("week: 3", "week: [1, 2]", 15, "not-weeks", None),
    ("week: 3", "week: 1-2-3", 15, "not-weeks", None),
    ("[first]", "[first, first]", 16, "repeated", "“first” is listed twice."),
    ("name: {en: Small, pl: Mały}", "name: {en: Small, pl: Mały}\nlanguages: []", 3, "empty-list", None),
    # Texts
    ("{en: Start, pl: Początek}", '{en: Start, pl: ""}', 5, "empty-text", "“name” is empty."),
    ("{en: Start, pl: Początek}", "{en: Start, pl: }", 5, "empty-text", None),
    ("{en: Start, pl: Początek}", '{en: Start, pl: " \\n "}', 5, "empty-text", None),
    ("{en: First, pl: Pierwszy}", "{en: First}", 11, "missing-language", "“title” has no text in the language “pl”."),
    ("{en: First, pl: Pierwszy}", "{en: First, pl: Pierwszy, de: Erster}", 11, "unknown-key", None),
    ("name: {en: Small", "languages: [en, de]\nname: {en: Small", 2, "unknown-language", None),
    ("en: Start", f"en: {'x' * 121}", 5, "too-long", "“name” is 121 characters long; 120 are allowed."),
    ("en: First", f"en: {'x' * 201}", 11, "too-long", "“title” is 201 characters long; 200 are allowed."),
    ("en: Calm", f"en: {'x' * 301}", 21, "too-long", "“text” is 301 characters long; 300 are allowed."),
    ("en: Start", 'en: "one\\ntwo"', 5, "several-lines", "“name” must be a single line."),
    ("en: Start", 'en: "a\\0b"', 5, "unprintable", "The invisible character U+0000 cannot stand in a playbook. Delete it."),
    # Names of things
    ("key: start", "key: Start here", 4, "bad-key", None),
    ("key: start", "key: " + "k" * 61, 4, "bad-key", None),
    ("key: second", "key: first", 13, "taken", "The key “first” is already used on line 10."),
    ("week: 3", "week: 3\n        role: data_analist", 16, "unknown-role", "There is no role “data_analist”. Did you mean “data_analyst”?"),
    ("key: gate\n", "key: gate\n      kpis: [csat]\n", 19, "unknown-kpi", "There is no KPI with the code “csat”. Did you mean “CSAT”?"),
    ("week: 3", "week: 3\n        channel: fax", 16, "unknown-channel", "There is no customer channel “fax”."),
    ("week: 3", "week: 3\n        kind: milstone", 16, "unknown-kind", "There is no kind “milstone” here. Did you mean “milestone”?"),
    ("{key: calm,", "{key: calm, kind: kpi,", 21, "unknown-kind", None),
    ("week: 3", "week: 3\n        tags: [people]", 16, "unknown-tag", None),
    ("week: 3", "week: 3\n        block: erly", 16, "unknown-block", "The phase has no block “erly”. Did you mean “early”?"),
    ("[first]", "[frist]", 16, "unknown-item", "There is no item “frist” in the playbook. Did you mean “first”?"),
    ("{key: calm,", "{key: no_blockers,", 21, "bad-key", None),
    ("{key: calm,", "{key: calm, kind: no_blockers,", 21, "computed-criterion", "The criterion “no_blockers” stands in every gate by itself. Leave it out."),
    ("{key: calm,", "{key: calm, kind: roles,", 21, "needless-text", "The criterion “roles” has words of its own. Leave its text out."),
    # Weeks and order
    ("week: 3", "week: 3-2", 15, "weeks-backwards", "The weeks 3-2 run backwards."),
    ("week: 3", "week: 2-3\n        kind: milestone", 15, "milestone-span", "A milestone falls in one week, not in weeks 2-3."),
    ("week: 3", "week: 3-5", 15, "outside-phase", "Week 5 lies outside the phase, which has weeks 1 to 4."),
    ("week: 3", "week: 0", 15, "outside-phase", "Week 0 lies outside the phase, which has weeks 1 to 4."),
    ("Wczesny}, week: 1-2", "Wczesny}, week: 4-5", 8, "outside-phase", None),
    ("key: gate\n", "key: gate\n      week: 5\n", 19, "not-number", "“week” must be a whole number from 1 to 4."),
    ("week: 3", "week: 2-3\n        block: early", 15, "outside-block", "Weeks 2-3 lie outside the block “early”, weeks 1-2."),
    ("weeks: 4", "weeks: 4\n    overlaps_previous_weeks: 1", 7, "first-phase-shifted", None),
    ("weeks: 4", "weeks: 4\n    gap_before_weeks: 1", 7, "first-phase-shifted", None),
    ("[first]", "[second]", 16, "circle", "The items wait for each other in a circle: second → second."),
    ("week: 1-2\n      -", "week: 1-2\n        after: [second]\n      -", 17, "circle", "The items wait for each other in a circle: first → second → first."),
    # References, tags, nesting
    ("key: start", "key: &a start", 4, "anchor", "Anchors (&a) are not allowed. Write the value out where it is needed."),
    ("key: start", "key: *a", 4, "alias", None),
    ("weeks: 4", "weeks: !!int 4", 6, "tag", None),
    ("weeks: 4", "weeks: 4\n    purpose: " + "[" * 20 + "]" * 20, 7, "too-deep", None),
]  # fmt: skip


def refusals(source: str | bytes) -> list[tuple[int, str]]:
    with pytest.raises(PlaybookError) as caught:
        parse(source, "mine.yaml")
    assert {problem.file for problem in caught.value.problems} == {"mine.yaml"}
    return [(problem.line, problem.code) for problem in caught.value.problems]


def test_the_file_without_faults_is_accepted(either_parser: None) -> None:
    assert [item.key for item in parse(GOOD, "mine.yaml").items()] == ["first", "second"]


@pytest.mark.parametrize(("old", "new", "line", "code", "reason"), CASES, ids=lambda value: str(value)[:40])
def test_one_fault_gives_one_reason_at_its_line(
    either_parser: None, old: str, new: str, line: int, code: str, reason: str | None
) -> None:
    assert GOOD.count(old) == 1, "the case must change exactly one place"
    with pytest.raises(PlaybookError) as caught:
        parse(GOOD.replace(old, new), "mine.yaml")
    found = [(problem.line, problem.code) for problem in caught.value.problems]
    # A wrong language makes texts in the other ones wrong too; the fault itself comes first.
    assert found[0] == (line, code)
    if code != "unknown-language":
        assert len(found) == 1
    if reason is not None:
        assert caught.value.problems[0].text() == reason


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", (1, "empty-file")),
        ("# nothing but a comment\n", (1, "empty-file")),
        ("just a text", (1, "not-mapping")),
        ("- a\n- b", (1, "not-mapping")),
        ("key: a\nname: [unclosed\n", (3, "syntax")),
        ("key: a\n\tname: b\n", (2, "syntax")),
        ("key: a: b\n", (1, "syntax")),
        (GOOD + "---\nkey: again\n", (22, "several-documents")),
        ("key: a\nname: b\x00\n", (2, "unprintable")),
        ("key: a\nname: \ud800\n", (2, "unprintable")),
        ("key: a\nname: ąę\n".encode("latin2"), (2, "not-utf8")),
        ("key: a\n".encode("utf-16"), (1, "not-utf8")),
        (b"PK\x03\x04\xff\xfe", (1, "not-utf8")),
        ("# " + "x" * (512 * 1024), (1, "too-large")),
        (b"#" * (512 * 1024 + 1), (1, "too-large")),
    ],
)
def test_what_is_no_playbook_at_all(either_parser: None, source: str | bytes, expected: tuple[int, str]) -> None:
    found = refusals(source)
    # With the unclosed list libyaml and the parser in Python may point to the last line or the one after it.
    assert found[0] == expected or (expected[1] == "syntax" and found[0][1] == "syntax")


def test_size_is_measured_in_bytes_of_the_file() -> None:
    room = document.SIZE_MAX - len(GOOD.encode()) - 3
    assert parse(GOOD + "# " + "x" * room + "\n", "mine.yaml").key == "small"
    assert refusals(GOOD + "# " + "x" * (room + 1) + "\n") == [(1, "too-large")]
    assert refusals(GOOD + "# " + "ż" * (room // 2 + 1) + "\n") == [(1, "too-large")]


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault() -> None:
    windows = ("\ufeff" + GOOD.replace("\n", "\r\n")).encode()
    assert parse(windows, "mine.yaml") == parse(GOOD, "mine.yaml")


def test_all_problems_come_at_once_in_the_order_of_lines() -> None:
    broken = (
        GOOD.replace("name: {en: Small, pl: Mały}", "name: {en: Small}")
        .replace("weeks: 4", "weeks: soon")
        .replace("key: second", "key: first")
        .replace("[first]", "[third]")
    )
    assert refusals(broken) == [(2, "missing-language"), (6, "not-number"), (13, "taken"), (16, "unknown-item")]


def test_later_phases_may_overlap_or_wait_but_within_reason() -> None:
    longer = SECOND_PHASE + "    overlaps_previous_weeks: 5\n"
    assert refusals(GOOD + longer) == [(25, "overlap-too-long")]
    both = SECOND_PHASE + "    overlaps_previous_weeks: 1\n    gap_before_weeks: 1\n"
    assert refusals(GOOD + both) == [(25, "overlap-and-gap")]


def test_a_playbook_in_one_language_takes_no_other() -> None:
    polish = re.sub(r"en: [A-Z]\w+, ", "", GOOD)
    assert refusals(polish)[0] == (2, "missing-language")
    playbook = parse("languages: [pl]\n" + polish, "mine.yaml")
    assert playbook.name.in_("en") == "Mały"
    assert refusals("languages: [pl]\n" + GOOD)[0] == (3, "undeclared-language")


def test_a_circle_through_several_phases_shows_its_whole_path_once() -> None:
    circle = GOOD.replace("week: 1-2\n      -", "week: 1-2\n        after: [third]\n      -") + SECOND_PHASE
    circle += "    items:\n      - {key: third, title: {en: Third, pl: Trzeci}, week: 1, after: [second]}\n"
    with pytest.raises(PlaybookError) as caught:
        parse(circle, "mine.yaml")
    (problem,) = caught.value.problems
    assert problem.values["path"] == "first → third → second → first"


def test_too_many_items_are_refused_before_they_are_read() -> None:
    def with_items(count: int) -> str:
        lines = [f"      - {{key: i{n}, title: {{en: T, pl: T}}, week: 1}}" for n in range(count - 2)]
        return GOOD + SECOND_PHASE + "    items:\n" + "\n".join(lines) + "\n"

    assert len(list(parse(with_items(ITEMS_MAX), "mine.yaml").items())) == ITEMS_MAX
    assert refusals(with_items(ITEMS_MAX + 1)) == [(4, "too-many-items")]


def test_a_flood_of_problems_is_cut_off() -> None:
    found = refusals("".join(f"wrong{n}: 1\n" for n in range(30_000)))
    assert len(found) == PROBLEMS_MAX + 1
    assert "too-many-problems" in {code for _, code in found}


def test_every_reason_is_reached_by_a_case_here() -> None:
    reached = {case[3] for case in CASES} | {
        "undeclared-language", "too-large", "not-utf8", "empty-file", "syntax", "several-documents",
        "too-many-items", "too-many-problems", "overlap-too-long", "overlap-and-gap",
    }  # fmt: skip
    assert reached == set(REASONS)


def test_reasons_are_translated_with_an_app_and_readable_without_one() -> None:
    problem = Problem("mine.yaml", 3, "unknown-role", {"value": "boss", "guess": "compliance"})
    english = "There is no role “boss”. Did you mean “compliance”?"
    assert problem.text() == problem.reason == english
    assert str(problem) == f"mine.yaml:3: {english}"
    polish = {problem.template: "Nie ma roli „%(value)s”.", DID_YOU_MEAN: "Może „%(guess)s”?"}
    assert problem.text(polish.__getitem__) == "Nie ma roli „boss”. Może „compliance”?"
    app = Flask(__name__)
    Babel(app)
    # A context without a catalogue of translations: gettext gives the sentence itself back.
    with app.test_request_context(), force_locale("en"):
        assert problem.text(gettext) == english


def test_the_sentences_are_found_by_the_extraction_of_translations() -> None:
    found = {message for _, message, *_ in extract_from_file("python", problems.__file__, keywords=DEFAULT_KEYWORDS)}
    assert found >= {*REASONS.values(), DID_YOU_MEAN}


def test_values_from_the_file_cannot_break_the_sentence() -> None:
    findings = Findings("mine.yaml")
    findings.add(1, "unknown-key", key="%(x)s %d {0}")
    assert findings.problems[0].text() == "“%(x)s %d {0}” is not a key that can stand here."
