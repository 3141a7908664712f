"""The ways in which people come: language, width of the screen, and whether their browser runs JavaScript.

A journey gets a `Reader`: a person's page together with the words that this person reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from re import Pattern

from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import faults
from tests.browser.words import Words


@dataclass(frozen=True)
class Way:
    """How somebody comes."""

    locale: str
    width: int = 1280
    scripts: bool = True

    def __str__(self) -> str:
        return f"{self.locale}-{self.width}px" + ("" if self.scripts else "-no-scripts")


DESK = (Way("en"), Way("pl"))
# The way in which axe looks at the pages that only a journey reaches: previews, reviews, refusals.
CLOSELY = Way("pl")
ALL = (*DESK, Way("en", scripts=False), Way("pl", width=360))


@contextmanager
def next_page(page: Page, address: str = "**") -> Iterator[None]:
    """What is done inside leads to another page, and is over when that one has loaded and its scripts have run.

    Without it a test that looks for what both pages have finds the old one, and presses keys that nobody hears: an
    address changes before the new page's scripts do their work. `address` is a glob that the page's whole address fits.
    """
    with page.expect_navigation(url=address, wait_until="load"):
        yield


@dataclass(frozen=True)
class Reader:
    """A person before their page."""

    page: Page
    words: Words
    way: Way

    def button(self, text: str, **values: object) -> Locator:
        """The button that says this."""
        return self.page.get_by_role("button", name=self.words(text, **values), exact=True)

    def link(self, text: str, **values: object) -> Locator:
        """The link that says this."""
        return self.page.get_by_role("link", name=self.words(text, **values), exact=True)

    def field(self, label: str, **values: object) -> Locator:
        """The field of this label, whether or not it is marked as optional."""
        return self.page.get_by_label(self.label(label, **values))

    def label(self, label: str, **values: object) -> Pattern[str]:
        """A label exactly, but for the remark that it is optional."""
        optional = re.escape(self.words("(optional)"))
        return re.compile(rf"^\s*{re.escape(self.words(label, **values))}\s*({optional})?\s*$")

    def unfold(self, text: str) -> None:
        """Open what is folded away under this line or button (a <summary>)."""
        self.page.locator("summary").filter(has_text=re.compile(rf"^\s*{re.escape(self.words(text))}")).first.click()

    def menu(self, title: str) -> None:
        """Open the menu that has this title."""
        self.page.locator(f'summary[title="{self.words(title)}"]').click()

    @contextmanager
    def next_page(self, address: str = "**") -> Iterator[None]:
        """As the function of that name."""
        with next_page(self.page, address):
            yield

    def reads(self, text: str, **values: object) -> None:
        """The page says this, or will in a moment."""
        expect(self.page.get_by_text(self.words(text, **values)).first).to_be_visible()

    def heading_is(self, text: str, **values: object) -> None:
        """The page's main heading is this, or will be in a moment."""
        self.title_is(self.words(text, **values))

    def title_is(self, said: str) -> None:
        """The page's main heading is what somebody typed, whatever the language."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(re.compile(rf"^\s*{re.escape(said)}"))

    def fits(self) -> None:
        """Nothing on the page is wider than the screen, and (looked at in one of the ways) nobody is shut out of it."""
        self.page.wait_for_load_state("load")
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        found = faults(self.page) if self.way == CLOSELY else []
        assert wide <= self.way.width, f"{self.page.url} is {wide} px wide"
        assert not found, "\n".join([self.page.url, *found])
