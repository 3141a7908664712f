"""Draws, in a process of its own: reads descriptions from standard input, writes drawings to standard output.

The drawing library brings a whole JavaScript engine: a second and some 130 MB. Here it burdens no page, and what goes
wrong in it ends this process and nothing else. `drawing.py` starts it, by its path, so that it loads nothing of ours.

An SVG holds words as words, and a browser has fonts of its own: the library's own one is enough to measure them with.
Called with `svg`, it draws without the machine's fonts. With them, it would open and close a file for each letter it
measures, some fifteen hundred times for a trend: more than half of the work. Pictures keep them, for letters that the
library's font has not.

A request is a line of JSON: `format` ('svg' or 'png'), `spec`, `numbers`, `times` (d3 locales), `scale`. The answer is
a line of JSON, `size` or `error`, followed by that many bytes. It ends when its input does.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

_NO_FONTS = Path(__file__).with_name("fonts.conf")


def draw(library: Any, wanted: dict[str, Any]) -> bytes:
    """The drawing of one request."""
    words = {"format_locale": wanted["numbers"], "time_format_locale": wanted["times"]}
    # A description holds all its data: nothing may be fetched, whatever stands in it.
    if wanted["format"] == "png":
        picture: bytes = library.vegalite_to_png(wanted["spec"], scale=wanted["scale"], allowed_base_urls=[], **words)
        return picture
    drawing: str = library.vegalite_to_svg(wanted["spec"], allowed_base_urls=[], **words)
    return drawing.encode()


def serve(library: Any, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer request after request until there are no more."""
    head: dict[str, Any]
    for line in requests:
        try:
            drawn = draw(library, json.loads(line))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one description, the next may be fine
            head, drawn = {"error": f"{type(error).__name__}: {error}"}, b""
        else:
            head = {"size": len(drawn)}
        answers.write(json.dumps(head).encode() + b"\n" + drawn)
        answers.flush()


def main() -> None:
    """What the process does."""
    if sys.argv[1:] == ["svg"]:
        # Read when the library loads; where fonts are found in another way it says nothing to anybody.
        os.environ["FONTCONFIG_FILE"] = str(_NO_FONTS)
    # The one place that loads it, and only when run as a process.
    import vl_convert

    serve(vl_convert, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
