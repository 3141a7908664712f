"""The company's template: used as it is meant, and refused where it is more than a template."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pptx import Presentation
from sqlalchemy import select

from program.exports import company_template
from program.exports.company_template import look_at
from program.exports.models import SlideTemplate
from program.extensions import db
from program.ground.errors import Invalid
from tests.cast import Cast
from tests.exports.conftest import DAY
from tests.exports.reading import slide_texts

AT = "/p/ALFA/progress/files/template"


def a_template() -> bytes:
    """A company's template: four by three, with an example slide and layouts of its own names."""
    deck = Presentation()
    deck.slide_layouts[0].name, deck.slide_layouts[5].name = "Przystań tytuł", "Przystań treść"
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Example that nobody should see"
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def changed(change: Callable[[dict[str, bytes]], Any]) -> bytes:
    """The template with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(a_template())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def types(old: bytes, new: bytes) -> Callable[[dict[str, bytes]], Any]:
    return lambda parts: parts.update({"[Content_Types].xml": parts["[Content_Types].xml"].replace(old, new)})


def part(name: str, content: bytes) -> Callable[[dict[str, bytes]], Any]:
    return lambda parts: parts.update({name: content})


def linked(parts: dict[str, bytes]) -> None:
    name = "ppt/slideMasters/_rels/slideMaster1.xml.rels"
    link = b'<Relationship Id="rId99" Type="http://x/image" Target="http://a.example/i.png" TargetMode="External"/>'
    parts[name] = parts[name].replace(b"</Relationships>", link + b"</Relationships>")


def untitled(parts: dict[str, bytes]) -> None:
    for name in parts:
        if name.startswith("ppt/slideLayouts/slideLayout"):
            parts[name] = (
                parts[name].replace(b'type="title"', b'type="body"').replace(b'type="ctrTitle"', b'type="body"')
            )


MACRO = b"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"
PLAIN = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: b"", "not a PowerPoint file"),
        (lambda: b"%PDF-1.7", "not a PowerPoint file"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 99, "old or protected"),
        (lambda: a_template()[:9000], "damaged"),
        (lambda: changed(lambda parts: parts.pop("ppt/presentation.xml")), "not a PowerPoint file"),
        (lambda: changed(part("ppt/presentation.xml", b"<a")), "damaged"),
        (lambda: changed(part("ppt/vbaProject.bin", b"x")), "macros"),
        (lambda: changed(part("ppt/activeX/activeX1.xml", b"<x/>")), "macros"),
        (lambda: changed(types(PLAIN, MACRO)), "macros"),
        (lambda: changed(part("ppt/embeddings/oleObject1.bin", b"x")), "object"),
        (lambda: changed(part("ppt/x.xml", b"0" * 20_000_000)), "unpack"),
        (lambda: changed(part("ppt/x.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>')), "damaged"),
        (lambda: changed(part("ppt/x.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode("utf-16"))), "damaged"),
        (lambda: changed(part("../../etc/x.xml", b"<x/>")), "damaged"),
        (lambda: changed(linked), "links to a picture"),
        (lambda: changed(untitled), "place for a title"),
    ],
)
def test_more_than_a_template_is_refused_in_words(app: Flask, make: Callable[[], bytes], sentence: str):
    with app.test_request_context(), pytest.raises(Invalid, match=sentence):
        look_at(make())


def test_too_large_a_file_is_refused_before_it_is_opened(app: Flask, monkeypatch: Any):
    monkeypatch.setattr(company_template, "MOST_BYTES", 1000)
    with app.test_request_context(), pytest.raises(Invalid, match="larger"):
        look_at(a_template())


def test_a_potx_is_a_template_too_and_its_layouts_are_found(app: Flask):
    template = b"application/vnd.openxmlformats-officedocument.presentationml.template.main+xml"
    with app.test_request_context():
        looked = look_at(changed(types(PLAIN, template)))
    assert (looked.layouts[looked.title_layout].name, looked.layouts[looked.page_layout].name) == (
        "Przystań tytuł",
        "Przystań treść",
    )
    assert not next(one for one in looked.layouts if one.name == "Blank").has_title
    assert len(Presentation(io.BytesIO(looked.content)).slides) == 0
    assert b"Example that nobody" not in b"".join(
        zipfile.ZipFile(io.BytesIO(looked.content)).read(name)
        for name in zipfile.ZipFile(io.BytesIO(looked.content)).namelist()
    )


def test_a_manager_chooses_it_and_slides_are_made_on_it(app: Flask, kept: Cast, browser: Any):
    def upload(client: Any, content: bytes, seen: int = 0) -> Any:
        return client.post(AT, data={"file": (io.BytesIO(content), "Przystań #1.potx"), "seen": str(seen)})

    reader, manager = browser(kept.viewer), browser(kept.manager)
    assert reader.get(AT).status_code == 403
    assert upload(reader, a_template()).status_code == 403
    assert browser(kept.stranger).get(AT).status_code == 404
    assert "Slides are plain" in manager.get(AT).text
    refused = upload(manager, changed(part("ppt/vbaProject.bin", b"x")))
    assert refused.status_code == 422
    assert "macros" in refused.text
    assert upload(manager, a_template()).status_code == 303
    # Somebody who did not see it is told.
    assert upload(manager, a_template()).status_code == 409
    page = manager.get(AT)
    assert "Przystań #1.potx" in page.text
    assert page.text.count("Przystań treść") == 2

    def slides() -> Any:
        answer = reader.post("/p/ALFA/progress/files", data={"kind": "pptx", "locale": "en", "on": DAY.isoformat()})
        return reader.get(answer.location).data

    content = slides()
    deck = Presentation(io.BytesIO(content))
    assert {slide.slide_layout.name for slide in deck.slides} == {"Przystań tytuł", "Przystań treść"}
    assert deck.slide_width == 9144000
    assert not any("Example" in text for text in slide_texts(content))
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width
    # Another layout, one that has more places than are used.
    other = next(number for number, one in enumerate(deck.slide_layouts) if one.name == "Two Content")
    chosen = {"title_layout": "0", "page_layout": str(other), "seen": "1"}
    assert manager.post(f"{AT}/layouts", data={**chosen, "page_layout": "6"}).status_code == 422
    assert manager.post(f"{AT}/layouts", data=chosen).status_code == 303
    again = Presentation(io.BytesIO(slides()))
    assert {slide.slide_layout.name for slide in list(again.slides)[1:]} == {"Two Content"}
    # Nothing is left empty, to be seen while somebody speaks.
    assert all(one.has_text_frame and one.text_frame.text for slide in again.slides for one in slide.placeholders)
    assert manager.post(f"{AT}/remove", data={"seen": "1"}).status_code == 409
    assert manager.post(f"{AT}/remove", data={"seen": "2"}).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(SlideTemplate)).all() == []
