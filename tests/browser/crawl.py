"""Finding every page a person can reach: by following links, one address for each kind of page."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient

# Files to download, not pages to look at.
DOWNLOADS = ("/export.", "/template.", ".yaml", ".csv", ".xlsx", ".ics", "/static/")


# Pages of one kind that are read for their links: a gate that was decided links to more than one that was not.
READ = 4


def kinds_of_pages(app: Flask, client: FlaskClient, start: Iterable[str], most: int = 3000) -> dict[str, str]:
    """One reachable address for each page kind (endpoint), found breadth first from `start`."""
    adapter = app.url_map.bind("127.0.0.1")
    waiting, found, read = deque(start), {}, Counter()
    seen = set(waiting)
    while waiting and len(seen) < most:
        path = waiting.popleft()
        endpoint, _arguments = adapter.match(urlsplit(path).path)
        if read[endpoint] == READ:
            continue
        read[endpoint] += 1
        answer = client.get(path)
        assert answer.status_code in (200, 302, 303), f"{path} answered {answer.status_code}"
        if answer.status_code != 200:
            waiting.append(urljoin(path, answer.headers["Location"]))
            continue
        found.setdefault(endpoint, path)
        for link in links(answer.text, path):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    return found


def links(html: str, path: str) -> Iterator[str]:
    """Addresses of our own pages that the page links to."""
    for target in re.findall(r'<a\b[^>]*?\bhref="([^"#]+)', html):
        address = urljoin(path, target.replace("&amp;", "&"))
        parts = urlsplit(address)
        if not parts.scheme and not parts.netloc and not any(mark in address for mark in DOWNLOADS):
            yield address
