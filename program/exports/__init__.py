"""Exports: what the committee sees, as a PDF, as slides and as a spreadsheet.

The facts come from the progress page (`steering/progress_parts.py`) and from nowhere else: `telling.py` puts them into
words and figures once, and each kind of file (`paper.py`, `slides.py`, `sheets.py`) only lays them out.
"""

from program.exports.views.wiring import init_app

__all__ = ["init_app"]
