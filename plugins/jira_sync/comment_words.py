"""Comments in the words of either side: who said it, what was said, and by what a comment of ours is known in Jira.

A comment from here begins in Jira with the name of who wrote it, as a link back to it. By this link it is known as ours
when Jira's answer was lost, whatever else is; a comment from there begins here with its author's name, unless they
are somebody we know.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _

from plugins.jira_sync import text
from program.plugin_api.contract import Comment

# What a comment here may hold.
LONGEST_HERE = 10_000
_HEAD = re.compile(r"\s*\[[^\]|\n]*\|[^\]\s]*/p/([A-Z0-9]+)/items/\d+#comment-(\d+)\]:?[ \t]*")
_NAMED = re.compile(r"\[~(?:accountid:)?([^\]\s|]{1,150})\]")
_MARKS = re.compile(r"([\\`*_\[\]<>#~|])")


@dataclass(frozen=True, slots=True)
class Said:
    """A comment in Jira: `author` is an account ('' for nobody known), `ours` the id of the comment it was made from.

    `is_open` is False for one that Jira shows to some only: to a role, a group, or the agents of a service desk.
    """

    id: str
    author: str
    name: str
    wiki: str
    at: datetime
    is_open: bool
    ours: int | None
    # What follows our line.
    words: str
    digest: str


def said(raw: Mapping[str, Any], program_key: str) -> Said:
    """A comment as Jira's API shows it. Accounts that are gone have no name, and perhaps not even an account."""
    author = raw.get("author") or {}
    account = str(author.get("accountId") or author.get("name") or author.get("key") or "")
    name = " ".join(str(author.get("displayName") or "").split())
    wiki = text.normalised(str(raw.get("body") or ""))
    head = _HEAD.match(wiki)
    is_ours = head is not None and head.group(1) == program_key
    return Said(
        id=str(raw["id"]),
        author=account,
        name=name,
        wiki=wiki,
        at=_moment(str(raw.get("created") or "")),
        is_open=not raw.get("visibility") and raw.get("jsdPublic") is not False,
        ours=int(head.group(2)) if head is not None and is_ours else None,
        words=wiki[head.end() :].lstrip() if head is not None and is_ours else wiki,
        digest=digest(f"{name}\n{wiki}"),
    )


def digest(body: str) -> str:
    """By what a text is known again; the text itself need not be kept twice."""
    return hashlib.sha256(text.normalised(body).encode()).hexdigest()[:40]


def for_jira(comment: Comment) -> str:
    """A comment of ours in wiki text, beginning with who wrote it; of one that was taken back only that it was."""
    who = " ".join(re.sub(r"[\[\]|{}\\]", " ", comment.author.name if comment.author else "Milepost").split())
    head = f"[{_('%(name)s in Milepost', name=who)}|{comment.url}]:"
    if comment.is_removed:
        return f"{head} {_('This comment was taken back.')}"
    return text.cut(f"{head}\n\n{text.to_wiki(_plain(comment.body))}", _("(The text goes on in Milepost.)"))


def back_for_jira(body: str) -> str:
    """The text of a comment that came from Jira and was changed here by its author."""
    return text.to_wiki(_plain(body))


def for_here(one: Said, names: Mapping[str, str], *, is_known: bool) -> str:
    """A comment of Jira's in Markdown; who said it comes first unless they are somebody here."""
    known = _NAMED.sub(lambda found: _name(names.get(found.group(1), "")), one.words)
    body = text.to_markdown(known)
    who = _MARKS.sub(r"\\\1", _name(one.name))
    head = "" if is_known else f"**{who}** ({_('in Jira')}):\n\n"
    if len(head) + len(body) <= LONGEST_HERE:
        return head + body
    note = _("(The text goes on in Jira.)")
    kept = body[: LONGEST_HERE - len(head) - len(note) - 10]
    return f"{head}{kept[: max(kept.rfind(chr(10)), LONGEST_HERE // 2)].rstrip()}\n\n{note}"


def _name(name: str) -> str:
    return name or _("somebody")


def _plain(body: str) -> str:
    """Names in brackets as plain names: the brackets say to us where a name ends."""
    return re.sub(r"(?<![\w@.])@\[([^\[\]\n]{1,120})\]", r"@\1", body)


def _moment(written: str) -> datetime:
    """Jira's moment ('2026-03-02T10:00:00.000+0100'); the beginning of time for one that cannot be read."""
    try:
        return datetime.strptime(written, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)
