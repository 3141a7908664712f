"""Keeps small pieces of markup that come out the same again and again: a state's mark, a person's avatar, a date.

A list of a hundred rows asks for the same dozen of them hundreds of times; translating and building each anew costs
more than all of the page's SQL. A template wraps a macro once, `{% set badge = remembered(_badge) %}`, and calls it
as before.

Only for macros whose result follows from their arguments, the reader's language and the year (a date of this year is
written without it). Never for anything with a CSRF token, and not for macros with a `caller`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from flask import Flask, g, has_app_context
from flask_babel import Domain, get_translations, gettext
from markupsafe import Markup

from program.extensions import babel
from program.ground.formats import current_locale, today

# Far above what one page shows; when it is reached everything is made anew rather than growing without end.
_MOST = 8192


# What `g` stands for: asking it through the proxy costs more than what is asked.
_here: Any = g._get_current_object


def _reader() -> tuple[Hashable, ...]:
    here = _here()
    found: tuple[Hashable, ...] | None = here.get("remembered_for")
    if found is None:
        found = here.remembered_for = (current_locale(), today().year)
    return found


def remembered(macro: Callable[..., Markup], most: int = _MOST) -> Callable[..., Markup]:
    """The macro, with its results kept for as long as the app runs, `most` of them: fewer where they are large.

    Arguments must be hashable.
    """
    kept: dict[tuple[Any, ...], Markup] = {}

    def call(*args: Hashable, **kwargs: Hashable) -> Markup:
        # Types belong to the key: text that is markup equals the same plain text, which has yet to be escaped.
        key: tuple[Any, ...] = (_reader(), args, tuple(map(type, args)))
        if kwargs:
            key += (tuple(kwargs.items()), tuple(map(type, kwargs.values())))
        found = kept.get(key)
        if found is None:
            if len(kept) >= most:
                kept.clear()
            found = kept[key] = macro(*args, **kwargs)
        return found

    return call


def init_app(app: Flask) -> None:
    """Offer `remembered` to templates."""
    app.jinja_env.globals["remembered"] = remembered


class _ReaderDomain(Domain):
    """Finds the reader's catalogue once a request; Flask-Babel asks for their language anew for each text."""

    def get_translations(self) -> Any:
        if not has_app_context():
            return super().get_translations()
        here = _here()
        # Flask-Babel itself empties this place when the language changes (`refresh`, `force_locale`).
        found = getattr(here.get("_flask_babel"), "babel_translations", None)
        if found is None:
            found = super().get_translations()
            here._flask_babel.babel_translations = found
        return found


def keep_translations(app: Flask) -> None:
    """Look each text of a template up once for each language; call it after Babel has set up its own way.

    Finding out the reader's language anew for every word of a page takes longer than all of the page's SQL. Plural
    forms depend on a number and are looked up as ever. Templates are drawn in the reader's language only: text in
    another one (`force_locale`) is made in Python.
    """
    babel.domain_instance = _ReaderDomain()
    kept: dict[tuple[str, str, bool], Markup] = {}

    def translate(text: str, /, **variables: Any) -> Markup:
        key = (current_locale(), text, not variables)
        found = kept.get(key)
        if found is None:
            found = Markup(gettext(text))  # noqa: S704 - texts are ours, and `%` escapes what is put into them
            # Texts are patterns even where nothing is put in: '100%%'.
            found = kept[key] = found if variables else found % {}
        return found % variables if variables else found

    def translate_many(one: str, many: str, number: int, /, **variables: Any) -> str:
        variables.setdefault("num", number)
        return Markup(get_translations().ungettext(one, many, number)) % variables  # noqa: S704 - as above

    # Our own rather than Jinja's, which make a new context for each text in a loop. All templates are HTML.
    app.jinja_env.globals.update(_=translate, gettext=translate, ngettext=translate_many)
