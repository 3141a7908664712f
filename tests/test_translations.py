"""The Polish catalogue is complete, and its texts keep to the house style (docs/glossary.md).

Completeness is what `scripts/translations.py check` says; here it fails a test, too. The rest guards what nobody
notices in review: a plural that is an English copy, a full stop that got lost, quotation marks of the other language.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from babel.messages.catalog import Catalog

ROOT = Path(__file__).resolve().parent.parent
ENDINGS = ".?:…"
ABBREVIATIONS = {"No."}
POLISH_LETTERS = re.compile("[ąćęłńóśźżĄĆĘŁŃÓŚŹŻ]")
WORD = re.compile(r"[^\W\d_]{2,}")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")

# What of a template is no text: comments, the class of the body, statements, expressions.
NO_TEXT = [
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"\{#.*?#\}",
        r"<!--.*?-->",
        r"\{% block body_class %\}.*?\{% endblock %\}",
        r"\{%.*?%\}",
        r"\{\{.*?\}\}",
    )
]
TAG = re.compile(r"""<[^>]*>|[\w-]+="[^"]*\"""")
SPOKEN = re.compile(r'(?:title|aria-label|placeholder|alt)="([^"]*)"')

# Words that a template may write as they are: names of things.
NAMES = {"Milepost", "English", "Polski", "EN", "PL", "kB"}
# Words of docs/glossary.md that have one translation wherever they stand, by their stems.
TERMS = {
    r"\bphases?\b": "faz",
    r"\bplaybooks?\b": "szablon",
    r"\bbaselines?\b": "bazow",
    r"\bmilestones?\b": "kamie",
    r"\bchecklists?\b": "list|liście",
    r"\bconditional go(es)?\b": "warunkow",
    r"\bone-time links?\b": "jednorazow",
}
GETTEXT = {"_", "_l", "ngettext", "gettext", "lazy_gettext", "pgettext", "npgettext"}
# What these take as their first argument is read by people.
TOLD_TO_PEOPLE = {"flash", "Invalid", "Conflict", "Forbidden", "NotFound", "ValidationError"}


class Pair(NamedTuple):
    """One form of a text: what the code says, what a Polish reader sees."""

    source: str
    polish: str


def load_script() -> ModuleType:
    """scripts/translations.py as a module; scripts/ is no package."""
    spec = importlib.util.spec_from_file_location("translations_script", ROOT / "scripts" / "translations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


script = load_script()


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    """The Polish texts as they are kept."""
    return script.read(script.CATALOGUE)


@pytest.fixture(scope="module")
def pairs(catalogue: Catalog) -> list[Pair]:
    """Every translated form beside its source: of a plural, the first with the singular, the others with the plural."""
    found = []
    for message in catalogue:
        if message.id:
            sources, polish = script.texts(message.id), script.texts(message.string)
            found += [Pair(sources[min(place, len(sources) - 1)], form) for place, form in enumerate(polish) if form]
    return found


def test_every_text_is_translated(tmp_path: Path) -> None:
    assert script.problems(script.extract(tmp_path / "messages.pot")) == []


def test_plurals_have_three_forms(catalogue: Catalog) -> None:
    assert catalogue.num_plurals == 3
    plurals = [message for message in catalogue if message.id and not isinstance(message.id, str)]
    assert plurals
    assert [
        message.id for message in plurals if len([form for form in script.texts(message.string) if form]) != 3
    ] == []


def test_sources_are_english(catalogue: Catalog) -> None:
    assert [message.id for message in catalogue if message.id and POLISH_LETTERS.search(str(message.id))] == []


def test_nothing_is_shouted_and_nothing_is_spaced_twice(pairs: list[Pair]) -> None:
    assert [pair.polish for pair in pairs if "!" in pair.polish.replace("!=", "") or "  " in pair.polish] == []


def test_ends_agree(pairs: list[Pair]) -> None:
    """A sentence stays a sentence, a question a question, a label a label; no space is lost or won at either end."""

    def end(text: str) -> str:
        # English puts the full stop before the closing mark, Polish after it. Abbreviations have their own rules.
        last = text.rstrip("”")[-1:]
        return last if last in ENDINGS and text not in ABBREVIATIONS else ""

    assert [pair for pair in pairs if end(pair.source) != end(pair.polish)] == []
    assert [pair for pair in pairs if pair.polish != pair.polish.strip() and pair.source == pair.source.strip()] == []


def test_first_letters_agree(pairs: list[Pair]) -> None:
    """What stands in the middle of a sentence begins with a small letter in both languages."""

    def is_small(text: str) -> bool:
        return text[0].islower()

    both = [pair for pair in pairs if pair.source[0].isalpha() and pair.polish[0].isalpha()]
    assert [pair for pair in both if is_small(pair.source) != is_small(pair.polish)] == []


def test_quotation_marks_are_polish(pairs: list[Pair]) -> None:
    assert [pair for pair in pairs if pair.polish.count("„") != pair.polish.count("”") or "“" in pair.polish] == []
    assert [pair for pair in pairs if "“" in pair.source and "„" not in pair.polish] == []


@pytest.mark.parametrize("term", TERMS)
def test_one_thing_has_one_word(pairs: list[Pair], term: str) -> None:
    stem = re.compile(TERMS[term], re.IGNORECASE)
    spoken = [pair for pair in pairs if re.search(term, PLACEHOLDER.sub("", pair.source), re.IGNORECASE)]
    assert spoken
    assert [pair for pair in spoken if not stem.search(pair.polish)] == []


def test_no_sentence_is_an_english_copy(pairs: list[Pair]) -> None:
    """Single words may be the same in both languages ('Program'), sentences are not."""
    same = [pair.source for pair in pairs if pair.source == pair.polish]
    assert [text for text in same if len(WORD.findall(PLACEHOLDER.sub("", text))) > 1] == []


def test_templates_write_no_words_of_their_own() -> None:
    """Every word of a template goes through gettext, attributes that are read aloud included."""
    found = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        for pattern in NO_TEXT:
            text = pattern.sub(" ", text)
        spoken = " ".join(SPOKEN.findall(text))
        words = WORD.findall(TAG.sub(" ", text)) + WORD.findall(re.sub(r"https?://\S*", "", spoken))
        if own := [word for word in words if word not in NAMES]:
            found[str(path.relative_to(ROOT))] = own
    assert found == {}


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a plain name in a file, with that name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node


def is_own_text(node: ast.expr) -> bool:
    """True for a string of the code, also one with values in it; an f-string that only joins is none."""
    if isinstance(node, ast.JoinedStr):
        return any(is_own_text(part) for part in node.values)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and WORD.search(node.value) is not None


def test_people_are_told_nothing_untranslated() -> None:
    """No message or refusal on a page is a bare English string. Commands speak English, as their options do."""
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted((ROOT / "program").rglob("*.py"))
        if "cli" not in path.parts
        for name, call in calls(path)
        if name in TOLD_TO_PEOPLE and call.args and is_own_text(call.args[0])
    ]
    assert found == []


def test_texts_do_not_hide_in_f_strings() -> None:
    """Before Python 3.12 nothing inside an f-string is collected, so the text would stay English there."""
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted((ROOT / "program").rglob("*.py"))
        for string in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in GETTEXT
    ]
    assert found == []
