"""The words a reader sees, in their language: journeys look for these, never for English written down in a test.

A text that no page has is a mistake of the test and is refused at once, in both languages.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

import program

FOLDER = Path(program.__file__).parent / "translations"


@dataclass(frozen=True)
class Words:
    """The catalogue of one language: `words("Save")`, `words.many("%(num)s item", "%(num)s items", 3)`."""

    catalogue: NullTranslations
    known: Container[str]

    def __call__(self, text: str, **values: Any) -> str:
        """A message in this language, its placeholders filled in."""
        assert text in self.known, f"no page says: {text}"
        said = self.catalogue.ugettext(text)
        return said % values if values else said

    def many(self, one: str, more: str, count: int, **values: Any) -> str:
        """A message that counts, in the form this language has for that number."""
        return self.catalogue.ungettext(one, more, count) % {"num": count, **values}


@cache
def texts() -> frozenset[str]:
    """Every text of the product, as the Polish catalogue has it; of texts that count, the form for one."""
    with (FOLDER / "pl" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        ids = [message.id for message in read_po(file) if message.id]
    return frozenset(one if isinstance(one, str) else one[0] for one in ids)


@cache
def words_of(locale: str) -> Words:
    """The words of that language; English needs no catalogue, every other language must have one."""
    if locale == "en":
        return Words(NullTranslations(), texts())
    catalogue = Translations.load(str(FOLDER), [locale])
    assert isinstance(catalogue, Translations), f"no compiled catalogue for {locale}; run pybabel compile"
    return Words(catalogue, texts())
