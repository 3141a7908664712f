"""Fixtures of the planning room's tests."""

from __future__ import annotations

import pytest

from program.extensions import db
from tests.cast import Cast
from tests.planning.builder import Alfa, build_alfa


@pytest.fixture
def alfa(cast: Cast, context: None) -> Alfa:
    """Program ALFA with three phases and gates, committed, inside an app context that may write."""
    built = build_alfa(cast)
    db.session.commit()
    return built
