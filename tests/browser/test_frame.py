"""The frame itself: an error page is enough to see it, in both widths, with and without a session."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("width", [360, 1280])
def test_a_page_that_is_not_there(visit, axe, cast, width):
    page = visit(cast.manager, width=width)
    answer = page.goto("/p/NOWHERE/")
    assert answer.status == 404
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
