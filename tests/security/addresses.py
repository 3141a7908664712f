"""Every address of the app, with arguments that stand for real things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import AnyConverter, Rule
from werkzeug.routing.converters import NumberConverter

# Arguments of addresses that are not numbers. Others are found by `plausible`.
TEXTS = {"token": "A" * 43, "batch": "0" * 32, "kind": "csv", "path": "x", "filename": "milepost.css"}


@dataclass(frozen=True)
class Address:
    """One method of one address."""

    method: str
    path: str
    endpoint: str
    rule: str

    def __str__(self) -> str:
        return f"{self.method} {self.rule} ({self.endpoint})"


def plausible(rule: Rule, known: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each argument: what is known to exist, a word, or the number 1."""
    values: dict[str, Any] = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        if name in known:
            values[name] = known[name]
        elif isinstance(converter, NumberConverter):
            values[name] = 1
        elif isinstance(converter, AnyConverter):
            values[name] = next(iter(converter.items))
        else:
            values[name] = TEXTS.get(name, "x")
    return values


def addresses(app: Flask, known: Mapping[str, Any]) -> Iterator[Address]:
    """Every method of every address."""
    with app.app_context():
        adapter = app.url_map.bind("")
        for rule in app.url_map.iter_rules():
            path = adapter.build(rule.endpoint, plausible(rule, known), method=next(iter(rule.methods - {"OPTIONS"})))
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Address(method, path, rule.endpoint, rule.rule)


def in_programs(app: Flask, known: Mapping[str, Any]) -> list[Address]:
    """Every method of every address of a program."""
    return [address for address in addresses(app, known) if address.rule.startswith("/p/<key>")]
