"""The short way through Jinja writes what the long way writes, and escapes as much."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, pass_context
from markupsafe import Markup, escape

from program import create_app
from program.ground.templates import Templates, written
from program.settings import Settings

VALUES = st.one_of(
    st.text(),
    st.text().map(Markup),
    st.integers(),
    st.booleans(),
    st.none(),
    st.floats(),
    st.dates(),
    st.lists(st.text()),
)


class Drawn:
    """Something that knows how it is written."""

    def __html__(self) -> str:
        return "<b>drawn</b>"

    def __str__(self) -> str:
        return "<not me>"


class Named(str):
    """A text of its own kind, as enumerations are."""


@given(VALUES)
def test_values_are_written_as_jinja_escapes_them(value: Any) -> None:
    assert written(value) == escape(value)


def test_kinds_of_text_are_escaped_and_drawings_are_not() -> None:
    assert written(Named("<i>")) == "&lt;i&gt;"
    assert written(Drawn()) == "<b>drawn</b>"


@pytest.fixture
def drawn(context: None, app: Flask) -> Any:
    """Draws a template with our environment and with Jinja's own, and gives both."""
    theirs = Environment(autoescape=True, extensions=["jinja2.ext.do"])

    @pass_context
    def seen(context: Any, name: str) -> Any:
        return context.get(name, "nothing")

    def draw(source: str, **values: Any) -> tuple[str, str]:
        values["seen"] = seen
        return app.jinja_env.from_string(source).render(**values), theirs.from_string(source).render(**values)

    return draw


@pytest.mark.parametrize(
    "source",
    [
        "{{ text }}{{ number }}{{ day }}{{ nothing }}{{ markup }}{{ absent }}{{ text ~ markup }}",
        "{% macro m(a, b=2) %}{{ a }}<i>{{ b }}</i>{{ caller() if caller }}{% endmacro %}{{ m(text) }}"
        "{{ m(markup, b=text) }}"
        "{% call m(1) %}<{{ text }}>{% endcall %}",
        "{% macro m() %}{{ varargs }}{{ kwargs.x }}{% endmacro %}{{ m(1, text, x=markup) }}",
        "{% for one in [text, markup] %}{% set here = one %}{{ seen('one') }}{{ seen('here') }}{{ shout(one) }}"
        "{% endfor %}",
        "{% block b %}{% set inner = text %}{{ seen('inner') }}{{ shout(inner) }}{% endblock %}",
        "{% set kept %}<p>{{ text }}</p>{% endset %}{{ kept }}{{ kept|upper }}{{ [text]|join('<br>') }}",
        "{% autoescape false %}{{ text }}{{ markup }}{% endautoescape %}{{ '<b>'|safe }}{{ text|e }}",
        "{{ method.upper() }}{{ cycler('<', '>').next() }}{{ dict(a=text).a }}",
    ],
)
def test_templates_come_out_as_by_jinja(drawn: Any, source: str) -> None:
    ours, theirs = drawn(
        source,
        text="<script>&'\"",
        number=7,
        day=date(2026, 3, 2),
        nothing=None,
        markup=Markup("<b>&amp;</b>"),
        method="<x>",
        shout=lambda said: f"{said}!",
    )
    assert ours == theirs
    assert "<script>&" not in ours or "autoescape false" in source


def test_pages_are_drawn_by_it(app: Flask) -> None:
    assert isinstance(app.jinja_env, Templates)


def test_a_route_learns_to_build_its_address_when_asked() -> None:
    fresh = create_app(Settings(secret_key="a key for tests only"))
    rule = next(rule for rule in fresh.url_map.iter_rules() if rule.endpoint == "items.show")
    assert rule._build.__name__ == "build"
    with fresh.test_request_context():
        assert fresh.url_for("items.show", key="A B", number=7, history="all") == "/p/A%20B/items/7?history=all"
        assert fresh.url_for("items.show", key="ALFA", number=8) == "/p/ALFA/items/8"
    assert rule._build_unknown.__name__ != "build"
