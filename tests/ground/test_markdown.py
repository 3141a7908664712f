"""People's text is shown as they meant it and can do nothing to the reader, however it was written."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.ground.markdown import render

ALLOWED = re.compile(
    r"</?(?:a|blockquote|br|code|del|em|h[3-6]|hr|li|ol|p|pre|strong|s|table|thead|tbody|tr|th|td|ul)"
    r"(?:\s+(?:href|title|rel)=\"[^\"<>]*\")*\s*/?>"
)


def shown(text):
    return str(render(text))


def is_harmless(html):
    """Every tag is one of the few that pass, with no attribute but those of links, leading nowhere but out."""
    rest = ALLOWED.sub("", html)
    links = re.findall(r'href="([^"]*)"', html)
    return "<" not in rest and all(re.match(r"(?:https?:|mailto:|[^:]*$)", link, re.I) for link in links)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *soft*", "<p><strong>bold</strong> and <em>soft</em></p>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("~~gone~~", "<s>gone</s>"),
        ("# Big", "<h3>Big</h3>"),
        ("###### Small", "<h6>Small</h6>"),
        ("`a < b`", "<code>a &lt; b</code>"),
        ("|a|b|\n|-|-|\n|1|2|", "<td>1</td>"),
        ("zażółć gęślą jaźń", "zażółć gęślą jaźń"),
        ("👩🏽‍💻🚀", "👩🏽‍💻🚀"),
        ("שלום **עולם**", "שלום <strong>עולם</strong>"),
        ("", ""),
    ],
)
def test_text_looks_as_it_was_meant(text, html):
    assert html in shown(text)


def test_links_open_without_privileges():
    html = shown("[the plan](https://example.org/a?b=c&d=e)")
    assert 'href="https://example.org/a?b=c&amp;d=e"' in html
    assert 'rel="noopener noreferrer nofollow ugc"' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://tracker.example/pixel.png)",
        "<a href='javascript:alert(1)'>x</a>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](\x01javascript:alert(1))",
        "[x](vbscript:msgbox)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        '[x](https://a.example "onmouseover=alert(1)")',
        '[x](https://a.example "a\\" onclick=\\"alert(1)")',
        "<iframe src=//evil.example></iframe>",
        "<style>*{display:none}</style>",
        "<form action=//evil.example><input name=password></form>",
        "<svg onload=alert(1)>",
        "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
        "```html\n<script>alert(1)</script>\n```",
        "`<script>`",
        "<!-- --><script>alert(1)</script>",
        "<p style='position:fixed' class='btn' id='main'>x</p>",
        "|<script>|\n|-|\n|<img src=x>|",
        "|a|\n|:-:|\n|x|",
        "</div></main><h1>Taken over</h1>",
    ],
)
def test_nothing_that_acts_passes(text):
    html = shown(text)
    assert is_harmless(html), html


@given(st.text(alphabet="<>\"'`[]()!*_~#|&;:=/\\- \n\tajscriptonhrefdatx0", max_size=120))
def test_no_mixture_of_marks_gets_through(text):
    html = shown(text)
    assert is_harmless(html), html


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "![",
        "*a ",
        "_a",
        "> ",
        "- ",
        "`",
        "<",
        "<a ",
        "&",
        "\\",
        "~~a",
        "# a\n",
        "a\n",
        "a**b",
        "[a](",
        "<!--",
        "|a",
    ],
)
def test_the_longest_text_takes_seconds_at_worst(text):
    longest = (text * 50_000)[:50_000]
    began = time.perf_counter()
    html = shown(longest)
    # Under a second on a quiet machine; what must never happen are minutes.
    assert time.perf_counter() - began < 60
    assert is_harmless(html)


def test_deep_nesting_ends_somewhere():
    assert is_harmless(shown("> " * 25_000 + "deep"))
    assert is_harmless(shown("\n".join("  " * depth + "- x" for depth in range(200))))
