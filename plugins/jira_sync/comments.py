"""Comments, where a connection carries them: each once, its edits followed, its author named.

What Jira has is read where an issue changed (`TALK` links wait for it), page by page; what is said here is found by its
revision. Both sides are compared with what they said when they last agreed, by content, so that an echo is nothing
new. Like issues, a comment is written down as intended before it is sent, and looked for after a lost answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from plugins.jira_sync import comment_words, conflicts, text
from plugins.jira_sync.book import COMMENT, CONFLICT, ITEM, TALK, Book
from plugins.jira_sync.comment_words import Said, digest, said
from plugins.jira_sync.merging import Direction, Rule
from plugins.jira_sync.wire import Busy, NotFound, Rejected, Unknown
from program.plugin_api import core
from program.plugin_api.contract import (
    Comment,
    Conflict,
    Forbidden,
    Invalid,
    Item,
    Link,
    LinkState,
    MilepostError,
    Origin,
    Person,
)
from program.plugin_api.contract import NotFound as NotHere

# Issues whose comments are read in one request; comments written in one look, and to one issue of them: Jira lets
# twenty writes in two seconds and a hundred in thirty pass for one issue.
READ, WRITTEN, TO_ONE = 20, 40, 12
# How long a comment whose answer was lost may still turn up.
APART = timedelta(minutes=1)
_ABOVE = 1 << 30
HERE, THERE = "here", "jira"


def carry(book: Book) -> None:
    """Bring the comments of linked items and issues together."""
    if book.plan.comments is Direction.OFF:
        return
    # What is written here or there is read by the people of the program.
    with force_locale(book.program.locale):
        talk = _Talk(book)
        talk.carry_out()
        if book.plan.comments is not Direction.TO_JIRA:
            talk.hear()
        if book.plan.comments is not Direction.FROM_JIRA:
            talk.look_for_lost()
            talk.tell()


class _Talk:
    """One look at the comments of one connection."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.hears = book.plan.comments is not Direction.TO_JIRA
        self.tells = book.plan.comments is not Direction.FROM_JIRA

    @cached_property
    def people(self) -> Mapping[str, Person]:
        """Those who write here, by their account there."""
        here = {person.id: person for person in core.doers(self.book.connection)}
        return {account: here[one] for one, account in self.book.tongue.accounts.items() if one in here}

    # From Jira.

    def hear(self) -> None:
        """Read the comments of issues that changed."""
        while self.book.has_time():
            due = core.due_links(self.book.connection, TALK, limit=READ)
            if not due:
                return
            links = self.book.links(ITEM, [one.object_id for one in due])
            open_ = [one for one in due if self.book.goes(links.get(one.object_id))]
            items = {item.id: item for item in core.by_ids(self.book.connection, [one.object_id for one in open_])}
            found = self.book.jira.talk([str(links[one.object_id].external_id) for one in open_])
            for one in due:
                link, item = links.get(one.object_id), items.get(one.object_id)
                rows = found.get(str(link.external_id)) if link is not None else None
                if link is None or item is None or rows is None:
                    # Paused, not there yet, or gone: it is noted anew when it moves.
                    core.forget_link(self.book.connection, TALK, object_id=one.object_id)
                elif self._read(item, link, one, *rows):
                    self.book.keep(one, state=LinkState.DONE, base={})
                else:
                    return

    def _read(self, item: Item, link: Link, talk: Link, rows: Sequence[Mapping[str, Any]], total: int) -> bool:
        """Take in the comments of one issue; False when time ran out, with a note of how far it came."""
        if len(rows) >= total:
            self._take_in(item, link, rows)
            return True
        # One page back: what somebody deleted meanwhile moves the others up.
        start = max(0, int(talk.base.get("from", 0)) - 100)
        while True:
            page, total = self.book.jira.comments(str(link.external_id), start)
            self._take_in(item, link, page)
            start += len(page)
            if not page or start >= total:
                return True
            if not self.book.has_time():
                self.book.keep(talk, base={"from": start})
                return False

    def _take_in(self, item: Item, link: Link, rows: Sequence[Mapping[str, Any]]) -> None:
        told = [said(raw, self.book.program.key) for raw in rows]
        ids = [one.id for one in told]
        known = {str(one.external_id): one for one in core.links_of(self.book.connection, COMMENT, external_ids=ids)}
        moved = [one for one in told if one.id in known and known[one.id].base.get("there") != one.digest]
        here = self._here([known[one.id] for one in moved])
        for one in moved:
            self._meet(link, known[one.id], here.get(known[one.id].object_id), one)
        for one in told:
            if one.id not in known and one.is_open and not self._is_echo(one):
                self._take(item, link, one)

    def _here(self, links: Sequence[Link]) -> dict[int, Comment]:
        ids = [one.object_id for one in links]
        return {one.id: one for one in core.comments_by_ids(self.book.connection, ids)} if ids else {}

    def _is_echo(self, one: Said) -> bool:
        """Whether it is one of ours whose id we did not know, or its double."""
        if one.ours is None:
            return False
        link = core.find_link(self.book.connection, COMMENT, object_id=one.ours)
        if link is None:
            return False
        if link.external_id is None:
            self._known(link, one)
            return True
        # Sent twice after all: the same words a second time are nothing new.
        return bool(link.base.get("there") == one.digest)

    def _take(self, item: Item, link: Link, one: Said) -> None:
        who = self.people.get(one.author)
        kept = Link(
            COMMENT,
            0,
            external_id=one.id,
            external_key=link.external_key,
            url=f"{link.url}?focusedCommentId={one.id}",
            state=LinkState.DONE,
        )
        at = min(one.at, core.utc_now()) if one.at.year > 1970 else core.utc_now()
        # Somebody who only reads here is named in words, as strangers are; where more people are named than one comment
        # may call, none is.
        for author, is_quiet in ((who, False), (None, False), (None, True)):
            body = comment_words.for_here(one, self.book.names, is_known=author is not None)
            body = body.replace("@", "@\u2060") if is_quiet else body
            base = {"from": THERE, "here": digest(body), "there": one.digest, "item": item.id}
            link_of_it = replace(kept, base=base)
            try:
                core.take_comment(
                    self.book.connection, link_of_it, item.number, body, who=author, at=at, where=Origin.JIRA
                )
            except (Forbidden, NotHere, Invalid):
                continue
            return

    # To Jira.

    def tell(self) -> None:
        """Carry what was said or changed here."""
        after, written = 0, 0
        to_one: dict[int, int] = {}
        while found := core.comments_changed_since(self.book.connection, after=after):
            after = found[-1].id
            links = self.book.links(COMMENT, [one.id for one in found])
            items = self.book.links(ITEM, {one.item_id for one in found})
            sent: list[Comment] = []
            for one in found:
                item_link, link = items.get(one.item_id), links.get(one.id)
                if item_link is None or not self.book.goes(item_link) or (link is not None and not link.external_id):
                    continue
                if written >= WRITTEN or to_one.get(one.item_id, 0) >= TO_ONE or not self.book.has_time():
                    self.book.left = True
                    continue
                written, to_one[one.item_id] = written + 1, to_one.get(one.item_id, 0) + 1
                if self._tell(item_link, link, one):
                    sent.append(one)
            self._note(sent, items)

    def _tell(self, item_link: Link, link: Link | None, one: Comment) -> bool:
        """Create the comment there, or bring over how it reads now; says whether something was written."""
        if link is None:
            return self._create(item_link, one)
        if digest(one.body) == link.base.get("here") and not one.is_removed:
            self.book.keep(link, synced_revision=one.revision)
            return False
        try:
            there = said(self.book.jira.comment(str(item_link.external_id), str(link.external_id)), self._key)
        except NotFound:
            words = _("The comment is gone from Jira. Here it stays.")
            self.book.keep(link, synced_revision=one.revision, state=LinkState.FAILED, error=words)
            return False
        return self._meet(item_link, link, one, there)

    def _create(self, item_link: Link, one: Comment) -> bool:
        now = core.utc_now()
        base = {"from": HERE, "asked_at": now.isoformat(), "item": one.item_id}
        intent = Link(COMMENT, one.id, external_key=item_link.external_key, base=base, try_at=now + APART)
        if not core.keep_link(self.book.connection, intent, new=True):
            return False
        try:
            raw = self.book.jira.say(str(item_link.external_id), comment_words.for_jira(one))
        except Unknown:
            return False
        except Busy:
            core.forget_link(self.book.connection, COMMENT, object_id=one.id)
            return False
        except (Rejected, NotFound) as refused:
            words = refused.words if isinstance(refused, Rejected) else ""
            self._refused(intent, one, words)
            return False
        except Exception:
            # Not taken at all: it is said at the next look.
            core.forget_link(self.book.connection, COMMENT, object_id=one.id)
            raise
        address = f"{item_link.url}?focusedCommentId={raw['id']}"
        self._agreed(replace(intent, url=address), one, said(raw, self._key))
        return True

    def look_for_lost(self) -> None:
        """Find out what became of comments whose answer never came."""
        due = [one for one in core.due_links(self.book.connection, COMMENT) if one.external_id is None]
        items = self.book.links(ITEM, {int(one.base.get("item", 0)) for one in due})
        for one in due:
            if not self.book.has_time():
                return
            item_link = items.get(int(one.base.get("item", 0)))
            if not self.book.goes(item_link):
                core.forget_link(self.book.connection, COMMENT, object_id=one.object_id)
                continue
            issue = str(item_link.external_id) if item_link is not None else ""
            there = next((it for it in self._all(issue) if it.ours == one.object_id), None)
            if there is None:
                # Jira reads comments from where it writes them: it never arrived, and is said again.
                core.forget_link(self.book.connection, COMMENT, object_id=one.object_id)
            else:
                self._known(one, there)

    def _all(self, issue: str) -> Iterator[Said]:
        start, total = 0, 1
        while start < total:
            try:
                page, total = self.book.jira.comments(issue, start)
            except NotFound:
                return
            yield from (said(raw, self._key) for raw in page)
            if not page:
                return
            start += len(page)

    # Both.

    def _meet(self, item_link: Link, link: Link, here: Comment | None, there: Said) -> bool:
        """Bring two versions of one comment together; says whether something was written to Jira."""
        if here is None or (here.is_removed and link.base.get("from") == THERE):
            # Taken off here: what Jira says stays in Jira.
            self.book.keep(link, base={**link.base, "there": there.digest}, synced_revision=_revision(here, link))
            return False
        # What a stranger said in Jira is nobody's to change here.
        is_theirs = link.base.get("from") == THERE and here.author is None
        we = self.tells and not is_theirs and (here.is_removed or digest(here.body) != link.base.get("here"))
        they = self.hears and there.is_open and there.digest != link.base.get("there")
        if here.is_removed:
            # Who took back what they said is not asked whether somebody edited it there.
            they = False
        if we and they:
            if comment_words.for_here(there, self.book.names, is_known=here.author is not None) == here.body:
                self._agreed(link, here, there)
                return False
            self._note_conflict(item_link, link, here, there)
            if self.book.plan.rule is Rule.ASK:
                self.book.keep(link, synced_revision=here.revision)
                return False
            we = self.book.plan.rule is Rule.PROGRAM
        if we:
            return self._write(item_link, link, here, there)
        if they:
            self._follow(link, here, there)
        else:
            self.book.keep(link, base={**link.base, "there": there.digest}, synced_revision=here.revision)
        return False

    def _write(self, item_link: Link, link: Link, here: Comment, there: Said) -> bool:
        is_ours = link.base.get("from") == HERE
        wiki = comment_words.for_jira(here) if is_ours else comment_words.back_for_jira(here.body)
        try:
            raw = self.book.jira.say_anew(str(item_link.external_id), str(link.external_id), wiki)
        except (Unknown, Busy):
            # The same words again do no harm.
            return False
        except (Rejected, NotFound) as refused:
            words = refused.words if isinstance(refused, Rejected) else ""
            self._refused(replace(link, base={**link.base, "there": there.digest}), here, words)
            return False
        self._agreed(link, here, said(raw, self._key))
        return True

    def _follow(self, link: Link, here: Comment, there: Said) -> None:
        body = comment_words.for_here(there, self.book.names, is_known=here.author is not None)
        try:
            now = core.follow_comment(self.book.connection, here, body, where=Origin.JIRA)
        except Conflict:
            self.book.left = True
        except (NotHere, Invalid) as refused:
            base = {**link.base, "there": there.digest}
            self.book.keep(link, base=base, state=LinkState.FAILED, error=str(refused))
        else:
            self._agreed(link, now, there)

    def _agreed(self, link: Link, here: Comment, there: Said) -> None:
        base = {**link.base, "here": digest(here.body), "there": there.digest}
        base.pop("asked_at", None)
        self.book.keep(
            link,
            external_id=there.id,
            base=base,
            synced_revision=here.revision,
            state=LinkState.DONE,
            try_at=None,
            error="",
        )

    def _known(self, link: Link, there: Said) -> None:
        """A comment of ours whose answer was lost has its id now. It is due again unless it reads as it does here."""
        here = self._here([link]).get(link.object_id)
        if here is not None and text.normalised(comment_words.for_jira(here)) == there.wiki:
            self._agreed(link, here, there)
            return
        base = {name: value for name, value in link.base.items() if name != "asked_at"}
        base |= {"here": "", "there": there.digest}
        self.book.keep(link, external_id=there.id, base=base, synced_revision=0, state=LinkState.DONE, try_at=None)

    def _refused(self, link: Link, here: Comment, words: str) -> None:
        reason = _("Jira refused the comment: %(reason)s", reason=words or "404")
        self.book.keep(link, synced_revision=here.revision, state=LinkState.FAILED, try_at=None, error=reason[:1500])

    def _note(self, sent: Sequence[Comment], links: Mapping[int, Link]) -> None:
        items = {item.id: item for item in core.by_ids(self.book.connection, [one.item_id for one in sent])}
        told = [(items[one.item_id], links[one.item_id].url, ("comment",)) for one in sent if one.item_id in items]
        core.say_sent(self.book.connection, told, Origin.JIRA)

    # Conflicts.

    def _note_conflict(self, item_link: Link, link: Link, here: Comment, there: Said) -> None:
        rule = self.book.plan.rule
        (item,) = core.by_ids(self.book.connection, [here.item_id])
        base = {
            "item": here.number,
            "title": item.title,
            "field": "comment",
            "key": item_link.external_key,
            "here": here.body,
            "there": comment_words.for_here(there, self.book.names, is_known=here.author is not None),
            "winner": None if rule is Rule.ASK else str(rule),
            "comment": here.id,
        }
        conflicts.keep(self.book, number_of(here.id), base, item_link.external_key)

    def carry_out(self) -> None:
        """Do what was chosen of comments in the list of conflicts since the last look."""
        for chosen in core.due_links(self.book.connection, CONFLICT):
            if not chosen.base.get("chosen") or chosen.base.get("field") != "comment":
                continue
            try:
                self._carry_out(chosen)
            except (MilepostError, NotFound):
                self.book.keep(chosen, state=LinkState.FAILED, error=_("The comment is gone."))

    def _carry_out(self, chosen: Link) -> None:
        link = core.find_link(self.book.connection, COMMENT, object_id=int(chosen.base["comment"]))
        here = self._here([link]).get(link.object_id) if link is not None else None
        home = core.find_link(self.book.connection, ITEM, object_id=here.item_id) if here is not None else None
        if link is None or here is None or here.is_removed or home is None:
            raise NotFound
        wins = "here" if chosen.base["winner"] == Rule.PROGRAM else "there"
        now = core.follow_comment(self.book.connection, here, str(chosen.base[wins]), where=Origin.JIRA)
        there = said(self.book.jira.comment(str(home.external_id), str(link.external_id)), self._key)
        # As if only we had moved: the words that were chosen go there next, unless it says them already.
        self._agreed(link, now, there)
        if wins == "here" or comment_words.for_here(there, self.book.names, is_known=True) != now.body:
            link = replace(link, external_id=there.id, base={**link.base, "here": "", "there": there.digest})
            self.book.keep(link, synced_revision=0, state=LinkState.DONE)
        self.book.keep(chosen, base={**chosen.base, "chosen": False}, state=LinkState.DONE)

    @property
    def _key(self) -> str:
        return self.book.program.key


def note(book: Book, item_id: int) -> None:
    """The issue of that item has changed: its comments are read when their turn comes."""
    if book.plan.comments in (Direction.BOTH, Direction.FROM_JIRA):
        core.keep_link(book.connection, Link(TALK, item_id))


def number_of(comment_id: int) -> int:
    """The number of the conflict about that comment, far above those about fields of items."""
    return _ABOVE + comment_id


def _revision(here: Comment | None, link: Link) -> int:
    return here.revision if here is not None else link.synced_revision
