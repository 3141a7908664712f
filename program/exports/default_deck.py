"""The template for slides of a company that has chosen none: wide, plain, in Milepost's colours."""

from __future__ import annotations

from typing import Any

from program.charts.look import LIGHT

_INCH = 914400
_WIDTH, _HEIGHT = _INCH * 40 // 3, _INCH * 15 // 2
_MARGIN = _INCH * 6 // 10
_COLOURS = {
    "dk1": LIGHT["ink"],
    "lt1": LIGHT["ground"],
    "dk2": LIGHT["soft"],
    "lt2": LIGHT["band"],
    "accent1": LIGHT["accent"],
    "accent2": LIGHT["second"],
    "accent3": LIGHT["warn"],
    "accent4": LIGHT["good"],
    "accent5": LIGHT["bad"],
    "accent6": LIGHT["soft"],
}
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def default_deck() -> Any:
    """An empty presentation with the library's layouts, stretched and recoloured; 0 is for titles, 5 for pages."""
    from pptx import Presentation
    from pptx.enum.text import MSO_ANCHOR

    file: Any = Presentation()
    stretched = _WIDTH / file.slide_width
    file.slide_width, file.slide_height = _WIDTH, _HEIGHT
    master = file.slide_master
    _recolour(master)
    for shape in master.placeholders:
        shape.left, shape.width = int(shape.left * stretched), int(shape.width * stretched)
    for layout in file.slide_layouts:
        for shape in layout.placeholders:
            if shape.element.spPr.find(f"{_A}xfrm") is not None:
                shape.left, shape.width = int(shape.left * stretched), int(shape.width * stretched)
    for number, top, height in ((0, 24, 12), (5, 4, 8)):
        title = next(one for one in file.slide_layouts[number].placeholders if one.placeholder_format.idx == 0)
        title.left, title.top = _MARGIN, _INCH * top // 10
        title.width, title.height = _WIDTH - 2 * _MARGIN, _INCH * height // 10
        title.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
        _style(title, 36 if number == 0 else 26, "tx1", bold=True)
    subtitle = next(one for one in file.slide_layouts[0].placeholders if one.placeholder_format.idx == 1)
    subtitle.left, subtitle.top = _MARGIN, _INCH * 38 // 10
    subtitle.width, subtitle.height = _WIDTH - 2 * _MARGIN, _INCH * 15 // 10
    _style(subtitle, 18, "tx2")
    for shape in file.slide_layouts[5].placeholders:
        if shape.placeholder_format.idx == 0:
            continue
        # The date stands in the foot's own words.
        kind = shape.placeholder_format.type
        shape.top, shape.height = _INCH * 70 // 10, _INCH * 3 // 10
        if "FOOTER" in str(kind):
            shape.left, shape.width = _MARGIN, _WIDTH * 3 // 4
            _style(shape, 10, "tx2")
            shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        elif "SLIDE_NUMBER" in str(kind):
            shape.left, shape.width = _WIDTH - _MARGIN - _INCH, _INCH
            _style(shape, 10, "tx2", align="r")
        else:
            shape.element.getparent().remove(shape.element)
    return file


def _style(shape: Any, size: int, colour: str, *, bold: bool = False, align: str = "l") -> None:
    """How text in that place of a layout looks on every slide."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    body = shape.element.txBody
    old = body.find(f"{_A}lstStyle")
    new = parse_xml(
        f'<a:lstStyle {nsdecls("a")}><a:lvl1pPr algn="{align}" marL="0" indent="0"><a:buNone/>'
        f'<a:defRPr sz="{size * 100}" b="{int(bold)}"><a:solidFill><a:schemeClr val="{colour}"/></a:solidFill>'
        "</a:defRPr></a:lvl1pPr></a:lstStyle>"
    )
    body.replace(old, new)


def _recolour(master: Any) -> None:
    from pptx.opc.constants import RELATIONSHIP_TYPE
    from pptx.opc.oxml import serialize_part_xml
    from pptx.oxml import parse_xml

    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    root = parse_xml(part.blob)
    scheme = root.find(f".//{_A}clrScheme")
    for name, colour in _COLOURS.items():
        place = scheme.find(f"{_A}{name}")
        for child in list(place):
            place.remove(child)
        place.append(place.makeelement(f"{_A}srgbClr", {"val": colour.lstrip("#").upper()}))
    part._blob = serialize_part_xml(root)
