"""Makes sure that a drawing is nothing but a drawing, and says what it shows to those who do not see it.

People's words stand in charts: names of phases, remarks. The library escapes them. Here every element and every
attribute has to be on a list all the same; what is not is left out, and with it all that could run, load or link.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, register_namespace, tostring

from defusedxml.ElementTree import fromstring

_SVG = "http://www.w3.org/2000/svg"
_SHAPES = ("svg", "g", "path", "rect", "line", "circle", "text", "tspan", "defs", "clipPath", "title", "desc")
_ELEMENTS = {f"{{{_SVG}}}{name}" for name in _SHAPES}
_ATTRIBUTES = frozenset(
    (
        *("width", "height", "viewBox", "version", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "cx", "cy", "r", "d"),
        *("transform", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray"),
        *("stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "opacity", "rx", "ry"),
        *("font-family", "font-size", "font-weight", "font-style", "text-anchor", "dominant-baseline", "display"),
        *("id", "clip-path"),
    )
)

register_namespace("", _SVG)


class NotADrawing(Exception):
    """What was drawn cannot be read as SVG."""


def cleaned(svg: bytes, title: str = "", alt: str = "") -> str:
    """The drawing with only what is on the list, its title and its description. Raises NotADrawing."""
    try:
        root = fromstring(svg)
    except Exception as error:
        raise NotADrawing(str(error)) from error
    if root.tag != f"{{{_SVG}}}svg":
        raise NotADrawing(f"its root is {root.tag}")
    _clean(root)
    root.set("role", "img")
    for place, (name, words) in enumerate((("title", title), ("desc", alt))):
        said = Element(f"{{{_SVG}}}{name}")
        said.text = words
        root.insert(place, said)
    return str(tostring(root, encoding="unicode"))


def _clean(element: Element) -> None:
    for name, value in list(element.attrib.items()):
        if name not in _ATTRIBUTES or not _is_plain(value):
            del element.attrib[name]
    for child in list(element):
        if child.tag in _ELEMENTS:
            _clean(child)
        else:
            element.remove(child)


def _is_plain(value: str) -> bool:
    """Whether a value refers to nothing, or to a part of the drawing itself."""
    low = value.lower()
    return "url(" not in low.replace("url(#", "") and "javascript:" not in low
