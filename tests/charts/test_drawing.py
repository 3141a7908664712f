"""Drawings: made in a process of their own, cleaned, kept, and never longer waited for than said."""

from __future__ import annotations

import io
import json
import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring

from program.charts import artist, drawing
from program.charts.cleaning import NotADrawing, cleaned
from program.charts.drawing import PNG, NotDrawn, Order, Studio, drawn
from program.charts.keeping import Shelf
from program.charts.look import LIGHT, NARROW, Chart, described
from program.charts.trend import Point, Sign, Trend, trend

# Stands in for the library: says what it was asked, fails, or takes its time.
ECHO = """
import json, sys, time
for line in sys.stdin.buffer:
    asked = json.loads(line)
    if asked == "sleep":
        time.sleep(60)
    if asked == "die":
        sys.exit()
    head, body = ({"error": "no such mark"}, b"") if asked == "wrong" else ({"size": len(line)}, line)
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\\n" + body)
    sys.stdout.buffer.flush()
"""


@pytest.fixture
def studio() -> Any:
    made = Studio([sys.executable, "-c", ECHO], longest=60, wait=0.05)
    yield made
    made.end()


def a_chart(name: str = "Start: Łódź & Gdańsk <b>") -> Chart:
    points = [Point(date(2026, 3, 2), 71.5), Point(date(2026, 3, 9), 73.25)]
    signs = [Sign(date(2026, 3, 4), "go_live", name, 1)]
    return trend(Trend("Zażółć", "Gęślą jaźń.", points, date(2026, 3, 2), date(2026, 3, 30), signs=signs))


def test_a_chart_is_drawn_in_polish_and_is_nothing_but_a_drawing(tmp_path: Path) -> None:
    svg = drawn(Order(a_chart(), "pl"), tmp_path).decode()
    assert "<title>Zażółć</title><desc>Gęślą jaźń.</desc>" in svg
    assert "mar" in svg
    assert "71,5" in svg.replace("\N{NO-BREAK SPACE}", "") or "72,0" in svg
    for forbidden in ("style=", "<style", "<script", "href", "http://www.w3.org/1999", " on", "<b>"):
        assert forbidden not in svg
    picture = drawing.draw(Order(a_chart(), "pl", PNG, scale=1))
    assert picture.startswith(b"\x89PNG")
    # What is wrong with one description says so, and the next one is drawn all the same.
    with pytest.raises(NotDrawn):
        drawing.draw(Order(Chart({"mark": "nonsense"}), "pl"))
    assert drawing.draw(Order(Chart(described([{"mark": "point", "data": {"values": [{}]}}], NARROW)), "en"))


@pytest.mark.parametrize("sort", ["svg", "png"])
def test_only_pictures_need_the_fonts_of_the_machine(sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", "the-machine")
    monkeypatch.setattr(sys, "argv", ["artist.py", sort])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    monkeypatch.setitem(sys.modules, "vl_convert", object())
    artist.main()
    if sort == "png":
        assert os.environ["FONTCONFIG_FILE"] == "the-machine"
    else:
        folders = [found.text for found in fromstring(Path(os.environ["FONTCONFIG_FILE"]).read_bytes()).iter("dir")]
        assert folders == ["/nonexistent"]


def test_a_drawing_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def draw(order: Order) -> bytes:
        made.append(order.name)
        return b"<svg/>"

    monkeypatch.setattr(drawing, "draw", draw)
    for order in (Order(a_chart(), "pl"), Order(a_chart(), "pl"), Order(a_chart(), "en"), Order(a_chart("x"), "pl")):
        assert drawn(order, tmp_path) == b"<svg/>"
    assert len(made) == 3


def test_the_shelf_forgets_what_was_asked_for_longest_ago(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most=250, look_every=10**9)
    for number in range(4):
        shelf.keep(f"{number}.svg", b"x" * 100)
        os.utime(tmp_path / f"{number}.svg", (number, number))
    assert shelf.find("0.svg") == b"x" * 100
    shelf.tidy()
    assert {path.name for path in tmp_path.iterdir()} == {"0.svg"}
    # A disk that cannot be written costs time, nothing else.
    lost = Shelf(tmp_path / "0.svg" / "below")
    lost.keep("a.svg", b"y")
    assert lost.find("a.svg") is None


def test_a_process_that_hangs_or_ends_is_replaced(studio: Studio) -> None:
    assert studio.draw(b'"hello"') == b'"hello"\n'
    with pytest.raises(NotDrawn, match="no such mark"):
        studio.draw(b'"wrong"')
    for trouble, longest in ((b'"die"', 60), (b'"sleep"', 0.1)):
        studio._longest = longest
        with pytest.raises(NotDrawn, match="ended"):
            studio.draw(trouble)
        # A new process may take as long as a busy machine needs to start one.
        studio._longest = 60
        assert studio.draw(b'"again"') == b'"again"\n'


def test_nobody_waits_for_a_turn_for_ever(studio: Studio) -> None:
    studio.draw(b'"hello"')
    with studio._my_turn(), pytest.raises(NotDrawn, match="waiting"):
        studio.draw(b'"hello"')


def test_the_process_goes_when_nobody_asks_and_holds_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_SECRET_KEY", "hidden")
    code = "import os, sys, json\nfor line in sys.stdin.buffer:\n b = json.dumps(dict(os.environ)).encode()\n"
    code += " sys.stdout.buffer.write(json.dumps({'size': len(b)}).encode() + b'\\n' + b); sys.stdout.buffer.flush()"
    studio = Studio([sys.executable, "-c", code], idle=0.01)
    seen = json.loads(studio.draw(b"1"))
    assert seen["TZ"] == "UTC"
    assert "MILEPOST_SECRET_KEY" not in seen
    deadline = time.monotonic() + 60
    while studio._process is not None and time.monotonic() < deadline:
        time.sleep(0.005)
    assert studio._process is None


def test_the_artist_answers_each_line() -> None:
    class Library:
        def vegalite_to_svg(self, spec: Any, **more: Any) -> str:
            assert more["allowed_base_urls"] == []
            return f"<svg>{spec['n']}</svg>"

        def vegalite_to_png(self, spec: Any, **more: Any) -> bytes:
            raise ValueError("out of ink")

    common = {"numbers": {}, "times": {}, "scale": 1, "spec": {"n": 7}}
    lines = [json.dumps({**common, "format": kind}).encode() + b"\n" for kind in ("svg", "png")]
    answers = io.BytesIO()
    artist.serve(Library(), io.BytesIO(b"".join(lines)), answers)
    assert answers.getvalue() == b'{"size": 12}\n<svg>7</svg>{"error": "ValueError: out of ink"}\n'


def test_what_is_no_drawing_is_left_out() -> None:
    dirty = b"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="x()"
    width="5"><script>x()</script><style>*{}</style><image xlink:href="http://a"/>
      <a href="javascript:x()"><text>in</text></a>
      <foreignObject><p>x</p></foreignObject><use xlink:href="#a"/>
      <rect fill="url(http://a)" width="3" style="fill:red"/><path clip-path="url(#c)" d="M0,0"/></svg>"""
    clean = cleaned(dirty, "T & t", "")
    root = '<svg xmlns="http://www.w3.org/2000/svg" width="5" role="img"><title>T &amp; t</title><desc'
    assert clean.startswith(root)
    for word in ("script", "style", "image", "href", "foreign", "use", "onload", "http://a", "in<"):
        assert word not in clean.removeprefix(root)
    assert 'clip-path="url(#c)"' in clean
    for wrong in (
        b"<html/>",
        b"no",
        b'<!DOCTYPE x [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
    ):
        with pytest.raises(NotADrawing):
            cleaned(wrong)
    assert LIGHT["ink"] not in clean
