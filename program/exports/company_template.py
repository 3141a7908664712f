"""The company's template for slides, as it is uploaded: looked at before anything of it is used.

A template is a packed folder of XML that anybody may have made. Nothing is unpacked before its sizes are known; macros,
programs inside it and links to files outside are refused; example slides are left out. What is kept is the file as we
have written it anew.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime
from typing import Any

from flask_babel import gettext as _

from program.exports.deck import Company, Deck, drop_slides
from program.exports.slide_figures import put_table
from program.exports.told import Cell, Column, Table, Told
from program.ground.errors import Invalid
from program.ground.records import record

# A company's template with its pictures; XML shrinks tenfold, pictures hardly.
MOST_BYTES, MOST_UNPACKED, MOST_XML = 10 * 1024 * 1024, 100 * 1024 * 1024, 30 * 1024 * 1024
MOST_RATIO, MOST_MEMBERS, MOST_LAYOUTS = 200, 2000, 100
_TYPES = "[Content_Types].xml"
_TEMPLATE, _PRESENTATION = b"presentationml.template.main+xml", b"presentationml.presentation.main+xml"
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_FOOT = {"dt", "ftr", "sldNum"}


@record
class Layout:
    """A layout of a template: its name, and whether it has a place for a title."""

    name: str
    has_title: bool


@record
class Looked:
    """A template that can be used: the file without its slides, its layouts, and which of them fit best."""

    content: bytes
    layouts: tuple[Layout, ...]
    title_layout: int
    page_layout: int

    @property
    def company(self) -> Company:
        """As slides are made on it."""
        return Company(self.content, self.title_layout, self.page_layout)


def look_at(data: bytes) -> Looked:
    """Look at an uploaded template; costs no transaction. Raises Invalid with a sentence on what to do."""
    _check(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        _check_inside(archive)
        if _TEMPLATE in archive.read(_TYPES):
            data = _as_presentation(archive)
    file = _opened(data)
    drop_slides(file)
    layouts = list(file.slide_layouts)
    if not layouts or len(layouts) > MOST_LAYOUTS:
        raise Invalid(_("The template has no layouts, or more than %(most)s.", most=MOST_LAYOUTS))
    kinds = [_kinds(layout) for layout in layouts]
    with_title = [number for number, found in enumerate(kinds) if found & {"title", "ctrTitle"}]
    if not with_title:
        raise Invalid(_("None of its layouts has a place for a title. Add one in the slide master."))
    saved = io.BytesIO()
    file.save(saved)
    looked = Looked(
        saved.getvalue(),
        tuple(Layout(str(one.name)[:120], number in with_title) for number, one in enumerate(layouts)),
        next((number for number in with_title if "ctrTitle" in kinds[number]), with_title[0]),
        min(with_title, key=lambda number: _unfit(layouts[number], kinds[number])),
    )
    _try_out(looked)
    return looked


def _try_out(looked: Looked) -> None:
    """Make slides on it once: what does not work is said now, and not when the committee waits for them."""
    day = date(2026, 1, 1)
    told = Told("", "A", "B", "en", day, Cell("C"), "D", "E", "F", datetime(2026, 1, 1, tzinfo=UTC), ())
    try:
        deck = Deck(told, looked.company)
        deck.front()
        slide = deck.page("A", [])
        put_table(slide, deck.box, Table("A", (Column("B"),), ((Cell("C"),),)))
        deck.finished()
    except Exception as error:
        raise Invalid(_damaged()) from error


def _unfit(layout: Any, kinds: set[str]) -> tuple[bool, bool, int]:
    """How little a layout suits pages of ours: they want a title and room, and nothing else."""
    return layout._element.get("type") != "titleOnly", "ctrTitle" in kinds, len(kinds - _FOOT - {"title"})


def _kinds(layout: Any) -> set[str]:
    """The kinds of placeholders that a layout has; 'obj' is the format's own word for any content."""
    return {one.element.find(f".//{_P}ph").get("type", "obj") for one in layout.placeholders}


def _check(data: bytes) -> None:
    if len(data) > MOST_BYTES:
        raise Invalid(_("The file is larger than %(most)s MB.", most=MOST_BYTES // 1024 // 1024))
    if data.startswith(_OLE):
        raise Invalid(_("This is an old or protected PowerPoint file. Save it as .pptx or .potx without a password."))
    if not data.startswith(_ZIP):
        raise Invalid(_("This is not a PowerPoint file. Choose a .pptx or .potx."))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Invalid(_damaged()) from error
    names = [member.filename for member in members]
    if any(member.flag_bits & 1 for member in members):
        raise Invalid(_("This is an old or protected PowerPoint file. Save it as .pptx or .potx without a password."))
    swollen = any(
        member.file_size > 1024 * 1024 and member.file_size > MOST_RATIO * max(1, member.compress_size)
        for member in members
    )
    xml = sum(member.file_size for member in members if _is_xml(member.filename))
    everything = sum(member.file_size for member in members)
    if swollen or everything > MOST_UNPACKED or xml > MOST_XML or len(members) > MOST_MEMBERS:
        raise Invalid(_("The file would unpack to far more than it says. It was not opened."))
    if len(set(names)) < len(names) or any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise Invalid(_damaged())
    if _TYPES not in names or "ppt/presentation.xml" not in names:
        raise Invalid(_("This is not a PowerPoint file. Choose a .pptx or .potx."))
    if any(re.search(r"vbaproject|activex|\.(exe|dll|vbs|js|bat|ps1)$", name.lower()) for name in names):
        raise Invalid(_("The template has macros or controls. Save it as .pptx or .potx without them."))
    if any(re.search(r"embeddings/.*\.bin$", name.lower()) for name in names):
        raise Invalid(_("The template has another program’s object inside. Put a picture in its place."))


def _check_inside(archive: zipfile.ZipFile) -> None:
    """What only shows when the XML is read: its sizes are known to be bearable."""
    for member in archive.infolist():
        if not _is_xml(member.filename):
            continue
        try:
            text = archive.read(member)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
            raise Invalid(_damaged()) from error
        # Other encodings would hide what is looked for here; the format allows UTF-8 and UTF-16.
        plain = text.replace(b"\x00", b"")
        if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
            raise Invalid(_damaged())
        if member.filename == _TYPES and b"macroenabled" in plain.lower():
            raise Invalid(_("The template has macros or controls. Save it as .pptx or .potx without them."))
        if member.filename.lower().endswith(".rels"):
            for relation in _RELATION.findall(plain):
                if b"External" in relation and b"/hyperlink" not in relation:
                    raise Invalid(_("The template links to a picture or file outside of it. Put it in instead."))


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels", ".vml"))


def _as_presentation(archive: zipfile.ZipFile) -> bytes:
    """A .potx as a .pptx: the same but for what it calls itself."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
        for member in archive.infolist():
            content = archive.read(member)
            if member.filename == _TYPES:
                content = content.replace(_TEMPLATE, _PRESENTATION)
            written.writestr(member.filename, content)
    return file.getvalue()


def _opened(data: bytes) -> Any:
    # Heavy, and only a template needs it here.
    from pptx import Presentation

    try:
        file = Presentation(io.BytesIO(data))
        # Whoever lies about the parts is found out here and not while somebody waits for slides.
        for layout in file.slide_layouts:
            _kinds(layout)
    except Exception as error:
        raise Invalid(_damaged()) from error
    return file


def _damaged() -> str:
    return _("The file is damaged and cannot be read. Open it in PowerPoint and save it anew.")
