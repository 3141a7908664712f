"""What all pages share: who may open them, the frame around them, and small courtesies of addresses.

An address is closed to the signed-out unless its view says `@public`. The frame (rail, program switcher, person) is
computed when a template asks for it, so that answers without a page pay nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from program.ground.actor import Access
from program.ground.formats import current_locale
from program.ground.records import record

View = TypeVar("View", bound=Callable[..., Any])
STATE = "milepost.pages"


def public(view: View) -> View:
    """Mark a view as open to people who have not signed in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


@record
class RailEntry:
    """A link in the left rail. `order` sorts; an entry `in_program` shows only inside one and gets its key.

    `section` marks the link as current for every endpoint of those blueprints; `go` is the letter of the keyboard
    shortcut (g, then the letter).
    """

    order: int
    endpoint: str
    label: Any
    icon: str
    go: str
    in_program: bool = False
    needed: Access = Access.VIEWER
    # Only for administrators of the instance.
    for_admin: bool = False
    # Blueprint names, or full endpoint names, for which this entry is the current one.
    section: tuple[str, ...] = ()


@record
class RailLink:
    """A rail entry as the page draws it."""

    url: str
    label: str
    icon: str
    go: str
    current: bool
    in_program: bool


@dataclass(slots=True)
class PagesState:
    """What rooms hang into the frame while the app is put together."""

    rail: list[RailEntry] = field(default_factory=list)
    # Gives the programs of the switcher: objects with key and name, those of the signed-in person, newest use first.
    programs: Callable[[], Sequence[Any]] = list


class Frame:
    """What `base.html` draws around a page; each part is worked out when it is asked for."""

    def __init__(self, state: PagesState) -> None:
        self._state = state

    @property
    def person(self) -> Any:
        """The signed-in person, or None."""
        # The person behind Flask-Login's proxy: a page asks for parts of it dozens of times.
        return current_user._get_current_object() if current_user.is_authenticated else None

    @property
    def program(self) -> Any:
        """The program whose page this is, or None."""
        return g.get("program")

    @property
    def access(self) -> Access | None:
        """The reader's access in that program."""
        return g.get("access")

    @property
    def locale(self) -> str:
        """The reader's language."""
        return current_locale()

    @property
    def theme(self) -> str:
        """'light', 'dark' or 'auto' (what the reader's system says)."""
        person = self.person
        if person:
            return str(person.theme)
        # Before sign-in the choice is the browser's.
        chosen = request.cookies.get("theme", "")
        return chosen if chosen in ("light", "dark") else "auto"

    @property
    def rail(self) -> list[RailLink]:
        """The links of the left rail, in order."""
        program, access, person = self.program, self.access, self.person
        endpoint, blueprint = request.endpoint, request.blueprint
        links = []
        for entry in self._state.rail:
            if entry.in_program and (program is None or access is None or access < entry.needed):
                continue
            if entry.for_admin and not (person and person.is_admin):
                continue
            url = address(entry.endpoint, program.key if entry.in_program else None)
            current = endpoint == entry.endpoint or blueprint in entry.section or endpoint in entry.section
            links.append(RailLink(url, str(entry.label), entry.icon, entry.go, current, entry.in_program))
        return links

    @property
    def search_url(self) -> str | None:
        """Where the search field leads."""
        return address_if_there("search.show")

    @property
    def person_url(self) -> str | None:
        """The reader's own account."""
        return address_if_there("people.me")

    @property
    def messages_url(self) -> str | None:
        """The reader's messages."""
        return address_if_there("messages.show")

    @property
    def programs(self) -> Sequence[Any]:
        """The programs of the switcher."""
        return self._state.programs()


def address(endpoint: str, key: str | None = None) -> str:
    """The address of a view that takes nothing, or only a program's key. The frame asks for a dozen on every page."""
    return _address(request.script_root, endpoint, key)


def address_if_there(endpoint: str) -> str | None:
    """As `address`, or None where the app has no such view."""
    return address(endpoint) if endpoint in current_app.view_functions else None


def sibling_tabs(key: str, *pages: tuple[str, str]) -> list[tuple[str, str, bool]]:
    """The tabs of pages that belong together, from (endpoint, label): (url, label, current).

    A page is current for every address of its blueprint: one group is still 'Groups'.
    """
    return [
        (address(endpoint, key), label, request.blueprint == endpoint.partition(".")[0])
        for endpoint, label in pages
        if endpoint in current_app.view_functions
    ]


@lru_cache(maxsize=8192)
def _address(_root: str, endpoint: str, key: str | None) -> str:
    # Routes never change while the app runs, so an address follows from its arguments and from where the app hangs.
    return url_for(endpoint) if key is None else url_for(endpoint, key=key)


def path_to(endpoint: str, **values: Any) -> str:
    """The path of a view, for links in messages: the same in a request, a command or the clock."""
    return current_app.url_map.bind("localhost").build(endpoint, values)


def state_of(app: Flask) -> PagesState:
    """The app's pages state, for rooms that hang something into the frame."""
    state: PagesState = app.extensions.setdefault(STATE, PagesState())
    return state


def add_to_rail(app: Flask, *entries: RailEntry) -> None:
    """Hang links into the left rail."""
    rail = state_of(app).rail
    rail.extend(entries)
    rail.sort(key=lambda entry: entry.order)


def wants_fragment() -> bool:
    """True when htmx asks for a part of a page (not for a whole one through a boosted link or the back button)."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def safe_next(default: str) -> str:
    """Where to go after a form: its `next`, if that is a path of ours; else `default`."""
    target = request.values.get("next", "")
    parts = urlsplit(target)
    ours = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    # Browsers drop control characters from addresses: what is behind one may turn into the second slash.
    return target if ours and target.isprintable() else default


@record
class Pagination:
    """Where a list's page lies: `page` from 1, `size` rows a page, `total` rows in all."""

    page: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The number of the first row on this page, from 1; 0 when there is none."""
        return min(self.total, (self.page - 1) * self.size + 1)

    @property
    def last(self) -> int:
        """The number of the last row on this page."""
        return min(self.total, self.page * self.size)

    def url(self, page: int) -> str:
        """The present address with that page."""
        arguments = {**request.args.to_dict(flat=False), "page": [str(page)]}
        return url_for(request.endpoint or "", **{**(request.view_args or {}), **arguments})


def page_number() -> int:
    """The page asked for in the address, from 1; anything unreadable is the first."""
    raw = request.args.get("page", "1")
    return max(1, int(raw)) if raw.isdigit() and len(raw) <= 6 else 1


def init_app(app: Flask) -> None:
    """Close every address that is not public, and offer the frame to templates."""
    state = state_of(app)

    @app.before_request
    def let_in() -> ResponseReturnValue | None:
        view = app.view_functions.get(request.endpoint or "")
        if view is None or request.endpoint == "static" or getattr(view, "is_public", False):
            return None
        if current_user.is_authenticated:
            return None
        if request.method in ("GET", "HEAD"):
            wanted = request.full_path if request.query_string else request.path
            return redirect(url_for("people.sign_in", next=wanted))
        return app.ensure_sync(app.extensions["milepost.signed_out"])()

    @app.context_processor
    def offer_frame() -> dict[str, Any]:
        return {"frame": Frame(state), "wants_fragment": wants_fragment, "address": address}
