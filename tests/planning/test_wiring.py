"""How the room is put together."""

from __future__ import annotations

import importlib
from pathlib import Path

import program.planning


def test_no_module_of_verbs_is_hidden_by_a_page_of_its_name():
    folder = Path(program.planning.__file__).parent
    hidden = []
    for path in sorted(folder.glob("*.py")):
        if path.stem == "__init__":
            continue
        module = importlib.import_module(f"program.planning.{path.stem}")
        if getattr(program.planning, path.stem) is not module:
            hidden.append(path.stem)
    assert hidden == []
