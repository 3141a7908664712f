"""People's text: Markdown in, safe HTML out. No raw HTML passes, links carry no privileges."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from markupsafe import Markup

_TAGS = {
    *(
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "s",
    ),
    *("table", "thead", "tbody", "tr", "th", "td", "ul"),
}


@lru_cache(maxsize=1)
def _parser() -> Any:
    # Imported here: only pages that show a description or a comment need it.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


def render(text: str) -> Markup:
    """The text as HTML that may stand in a page. Headings begin at level 3, below the page's own."""
    return _remembered(text) if len(text) <= _LONG else _remembered_long(text)


def _render(text: str) -> Markup:
    # Imported here for the same reason as the parser.
    import nh3

    html = _parser().render(text)
    for level in (4, 3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 2}>").replace(f"</h{level}>", f"</h{level + 2}>")
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow ugc",
    )
    return Markup(clean)  # noqa: S704 - nh3 has just cleaned it


# What is read often is rendered once. Few of the long ones: a worker's memory is for pages, not for one book.
_LONG = 4_000
_remembered = lru_cache(maxsize=1024)(_render)
_remembered_long = lru_cache(maxsize=16)(_render)
