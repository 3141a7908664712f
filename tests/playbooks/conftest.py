"""What the tests of playbooks share."""

from __future__ import annotations

import pytest
import yaml

from program.playbooks import document


@pytest.fixture(params=["with libyaml", "without libyaml"])
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parsers must say the same: PyYAML is built without libyaml on some machines."""
    if request.param == "without libyaml":
        monkeypatch.setattr(document, "LOADER", yaml.SafeLoader)
