"""Every request to Jira's Cloud and every answer of our stand-in, held against the description Atlassian publishes."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

FOLDER = Path(os.environ.get("MILEPOST_CONTRACTS", Path(__file__).parents[3] / "shared" / "contracts"))
FILE = FOLDER / "jira" / "jira-cloud-v2.json"
ABSENT = not FILE.is_file()
# Answers whose schema Atlassian's own example breaks: 'fromString', 'toString' and the zone of its dates are not in it.
BROKEN_BY_ITS_EXAMPLE = ("/changelog",)


@lru_cache(maxsize=1)
def _description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found


@lru_cache(maxsize=8)
def _contract(base: str) -> Any:
    from jsonschema_path import SchemaPath
    from openapi_core import Config, OpenAPI

    spec = {**_description(), "servers": [{"url": base}]}
    return OpenAPI(SchemaPath.from_dict(spec), config=Config(spec_validator_cls=None))


class JiraCallsSeen:
    """What was sent to Jira and answered, and what was wrong with it."""

    def __init__(self) -> None:
        self.count = 0
        self.problems: list[str] = []

    def watch(self, monkeypatch: pytest.MonkeyPatch, base: str) -> None:
        """Look at every request from here on that goes to that address."""
        send = requests.Session.send

        def looked_at(session: requests.Session, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
            answer = send(session, request, **kwargs)
            if (request.url or "").startswith(base):
                self._look(base, request, answer)
            return answer

        monkeypatch.setattr(requests.Session, "send", looked_at)

    def _look(self, base: str, request: requests.PreparedRequest, answer: requests.Response) -> None:
        from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
        from openapi_core.exceptions import OpenAPIError

        self.count += 1
        where = f"{request.method} {request.path_url}"
        asked = RequestsOpenAPIRequest(
            requests.Request(request.method, request.url, request.headers, data=request.body)
        )
        try:
            _contract(base).validate_request(asked)
        except OpenAPIError as error:
            self.problems.append(f"{where}: {_told(error)}")
        if urlsplit(request.url or "").path.endswith(BROKEN_BY_ITS_EXAMPLE):
            return
        if answer.status_code < 300 and answer.status_code != 204:
            try:
                _contract(base).validate_response(asked, RequestsOpenAPIResponse(answer))
            except OpenAPIError as error:
                self.problems.append(f"answer to {where}: {_told(error)}")


def _told(error: Exception) -> str:
    causes = [str(error)]
    cause = error.__cause__
    while cause is not None:
        causes.append(str(cause)[:300])
        causes += [str(one.message)[:200] for one in getattr(cause, "schema_errors", ())]
        cause = cause.__cause__
    return " | ".join(causes)
