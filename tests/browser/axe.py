"""What axe-core finds wrong with a page for people who see, hear or move differently."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SCRIPT = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def faults(page: Page) -> list[str]:
    """The accessibility faults of the page as it stands, one line each, three examples of a kind."""
    # What was looked for may stand on a page of which the rest is still to come.
    page.wait_for_load_state("load")
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    found = page.evaluate("options => axe.run(document, options)", OPTIONS)["violations"]
    return [f"{fault['id']}: {fault['help']} at {node['target']}" for fault in found for node in fault["nodes"][:3]]
