"""What browsers are given for a page's style sheets, scripts and icons."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import pytest
from flask import Flask

from program.ground import static_files

STYLE = Path(static_files.__file__).parents[1] / "static" / "milepost.css"


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip", "gzip", gzip.decompress),
        ("", None, bytes),
    ],
)
def test_compressed_as_the_browser_asks(session_app: Flask, accepted: str, encoding: str, unpack) -> None:  # type: ignore[no-untyped-def]
    answer = session_app.test_client().get("/static/milepost.css", headers={"Accept-Encoding": accepted})
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == encoding
    assert unpack(answer.data) == STYLE.read_bytes()
    assert answer.mimetype == "text/css"
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_known_content_is_not_sent_again(session_app: Flask) -> None:
    client = session_app.test_client()
    first = client.get("/static/icons.svg", headers={"Accept-Encoding": "br"})
    again = client.get("/static/icons.svg", headers={"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    # Another encoding is another content.
    plain = client.get("/static/icons.svg", headers={"If-None-Match": first.headers["ETag"]})
    assert plain.status_code == 200


def test_an_address_with_the_content_in_it_is_kept_for_a_year(session_app: Flask) -> None:
    client = session_app.test_client()
    assert "immutable" in client.get("/static/milepost.css?v=1").headers["Cache-Control"]
    assert "immutable" not in client.get("/static/milepost.css").headers.get("Cache-Control", "")


@pytest.mark.parametrize("name", ["none.css", "../__init__.py", "%2e%2e/__init__.py", "vendor", ""])
def test_nothing_but_static_files(session_app: Flask, name: str) -> None:
    assert session_app.test_client().get(f"/static/{name}").status_code == 404
