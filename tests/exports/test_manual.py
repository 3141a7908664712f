"""docs/exports.md is read against the code: kinds, sections and limits stand in it as they are."""

from __future__ import annotations

import re
from pathlib import Path

from program.exports import company_template, keeping
from program.exports.making import KINDS, LONG
from program.steering.progress_parts import Section


def test_the_manual_says_what_the_code_does(project_root: Path):
    text = (project_root / "docs" / "exports.md").read_text(encoding="utf-8")
    assert {f".{kind}" for kind in KINDS} == set(re.findall(r"\| `(\.\w+)` \|", text))
    assert {"state", *Section} == set(re.findall(r"^\| `(\w+)` \|", text, re.M))
    plain = " ".join(text.split())
    for sentence in (
        f"up to {LONG} rows",
        f"for {keeping.KEPT.days} days",
        f"up to {keeping.MOST_KEPT} a program",
        f"{keeping.MOST_A_MINUTE} a minute",
        f"up to {company_template.MOST_BYTES // 1024 // 1024} MB",
    ):
        assert sentence in plain, sentence
