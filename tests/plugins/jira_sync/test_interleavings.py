"""Whatever happens in whatever order on both sides, once it is quiet both say the same and no edit is lost unsaid."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from plugins.jira_sync.book import CONFLICT
from plugins.jira_sync.merging import Rule
from program.extensions import db
from program.ground import database
from program.planning.models import Comment, Mention, WorkItem
from program.plugin_api import core
from program.plugin_api.contract import Fate, LinkState
from program.plugin_api.models import ExternalLink
from tests.cast import Cast
from tests.fakes.jira import Jira, running_jira
from tests.plugins.jira_sync import talking
from tests.plugins.jira_sync.conftest import Wired, wired
from tests.plugins.jira_sync.hooks import SECRET, Hooks

ITEMS = 2
# An example takes a second; more of them for a night: MILEPOST_INTERLEAVINGS=500.
EXAMPLES = int(os.environ.get("MILEPOST_INTERLEAVINGS", "5"))
FIELDS = ("title", "description", "due_on")
WRITES = ("/issue/bulk", "/issue/1", "/transitions", "/comment", "/bulkfetch", "/search")
STEPS = st.one_of(
    st.tuples(st.sampled_from(["here", "there"]), st.integers(0, ITEMS - 1), st.sampled_from(FIELDS)),
    st.tuples(st.sampled_from(["status here", "status there"]), st.integers(0, ITEMS - 1), st.integers(0, 2)),
    st.tuples(st.just("look"), st.integers(0, 9), st.none()),
    st.tuples(st.sampled_from(["say here", "say there"]), st.integers(0, ITEMS - 1), st.none()),
    st.tuples(st.sampled_from(["reword here", "reword there"]), st.integers(0, 7), st.none()),
    st.tuples(st.sampled_from(["lose", "drop", "trouble"]), st.sampled_from(WRITES), st.none()),
    # The clock dies after so many of its writes.
    st.tuples(st.just("crash"), st.integers(0, 12), st.none()),
)


# One of each, with looks in between.
TALE: list[tuple[Any, Any, Any]] = [
    *(("look", 0, None), ("there", 0, "title"), ("here", 0, "title"), ("status there", 1, 2), ("look", 1, None)),
    *(("say there", 0, None), ("there", 0, "due_on"), ("look", 9, None), ("reword there", 0, None)),
    *(("there", 1, "description"), ("status here", 0, 1), ("look", 2, None), ("say here", 1, None)),
]
# For each change in Jira, in turn: after how many steps its webhook comes, and comes again; none is lost.
FATES = st.lists(st.lists(st.integers(0, 9), max_size=2), min_size=1, max_size=8)


class Crash(Exception):
    """The clock is killed."""


@dataclass
class Story:
    """What was written by whom, and what its writer saw there before."""

    both: Wired
    numbers: list[int]
    hooks: Hooks
    # How many things have happened.
    steps: int = 0
    clock: timedelta = timedelta(0)
    written: dict[tuple[int, str], set[str]] = field(default_factory=dict)
    overwritten: dict[tuple[int, str], set[str]] = field(default_factory=dict)
    count: int = 0
    # Comments: (item, text as it was first written), and all that was ever said.
    spoken: list[tuple[int, str]] = field(default_factory=list)
    replaced: set[str] = field(default_factory=set)

    def fresh(self, name: str) -> str:
        """A value that nobody wrote before."""
        self.count += 1
        return (date(2027, 1, 1) + timedelta(days=self.count)).isoformat() if name == "due_on" else f"Text {self.count}"

    def here(self, number: int, name: str) -> str:
        item = self.both.item(number)
        value = getattr(item, name)
        return str(value or "")

    def there(self, number: int, name: str) -> str | None:
        link = core.find_link(self.both.connection, "item", object_id=self.both.item(number).id)
        issue = self.both.jira.world.issues.get(int(link.external_id or 0)) if link else None
        theirs = {"title": "summary", "description": "description", "due_on": "duedate"}[name]
        return None if issue is None else str(issue.fields[theirs] or "")

    def tell(self, step: tuple[Any, Any, Any]) -> None:
        """One thing happens, and such webhooks come as are due by now: of this, of something long ago, or none."""
        self._tell(step)
        self.hear()

    def hear(self) -> None:
        self.steps += 1
        self.hooks.notice(self.steps)
        self.hooks.deliver(self.steps)

    def _tell(self, step: tuple[Any, Any, Any]) -> None:
        what, which, more = step
        jira = self.both.jira
        if what in ("here", "there"):
            number, value = self.numbers[which], self.fresh(more)
            before = self.here(number, more) if what == "here" else self.there(number, more)
            if before is None:
                return
            self.written.setdefault((number, more), set()).add(value)
            self.overwritten.setdefault((number, more), set()).add(before)
            if what == "here":
                self.both.change(number, **{more: date.fromisoformat(value) if more == "due_on" else value})
            else:
                theirs = {"title": "summary", "description": "description", "due_on": "duedate"}[more]
                jira.world.edit(self.both.issue(number), **{theirs: value})
        elif what == "status here":
            self.both.change(self.numbers[which], status=("todo", "doing", "done")[more])
        elif what == "status there":
            if self.there(self.numbers[which], "title") is not None:
                jira.world.move(self.both.issue(self.numbers[which]), ("To Do", "In Progress", "Done")[more])
        elif what == "look":
            self.look(timedelta(minutes=which))
        elif what == "crash":
            self.look(timedelta(minutes=1), crash_after=which)
        elif what in ("say here", "say there"):
            self.say(self.numbers[which], is_here=what == "say here")
        elif what in ("reword here", "reword there"):
            self.reword(which, is_here=what == "reword here")
        else:
            {"lose": jira.faults.lose_reply, "drop": jira.faults.drop, "trouble": self.trouble}[what](path=which)

    def trouble(self, path: str) -> None:
        self.both.jira.faults.answer(503, path=path)

    def say(self, number: int, *, is_here: bool) -> None:
        self.count += 1
        text = f"Word {self.count}"
        if is_here:
            talking.say(self.both, number, text)
        elif self.there(number, "title") is not None:
            world = self.both.jira.world
            jan = next((one for one in world.users.values() if one.display == "Jan"), None)
            world.comment(self.both.issue(number), text, jan or world.person("Jan", "jan@jira.example"))
        else:
            return
        self.spoken.append((number, text))

    def reword(self, which: int, *, is_here: bool) -> None:
        """Whoever can, changes one of the comments: here their authors, there anybody who may edit."""
        self.count += 1
        text = f"Word {self.count}"
        if is_here:
            known = [one for number in self.numbers for one in talking.ours(self.both, number)]
            if known:
                number, comment_id, before = known[which % len(known)]
                self.replaced.add(talking.bare(before))
                self.spoken.append((number, text))
                talking.reword(self.both, number, comment_id, text)
            return
        issues = [self.both.issue(number) for number in self.numbers if self.there(number, "title") is not None]
        there = [(issue, one) for issue in issues for one in issue.comments]
        if there:
            issue, one = there[which % len(there)]
            self.replaced.add(talking.bare(one["body"]))
            number = next(number for number in self.numbers if self.both.issue(number) is issue)
            self.spoken.append((number, text))
            head, _line, _words = one["body"].rpartition("\n")
            self.both.jira.world.reword(issue, one, f"{head}\n{text}" if head else text, one["author"])

    def look(self, after: timedelta, crash_after: int | None = None) -> None:
        """The clock looks, and what goes wrong it tries again later, as the host does."""
        self.clock += after + timedelta(seconds=1)
        with self.both.later(self.clock), pytest.MonkeyPatch.context() as patched:
            if crash_after is not None:
                _crash_after(patched, crash_after)
            try:
                self.both.sync()
            except (Fate, Crash):
                return

    def end(self) -> None:
        """Nobody does anything any more, and nothing goes wrong. The last webhooks come long after the polls."""
        self.both.jira.faults.clear()
        quiet = 0
        for _time in range(24):
            with self.both.later(self.clock):
                self.hear()
            asked = len(self.both.jira.requests)
            self.look(timedelta(minutes=6))
            # One request is a poll that found nothing. Twice in a row: nothing is left that waits for its time.
            quiet = quiet + 1 if len(self.both.jira.requests) <= asked + 1 else 0
            if quiet >= 2 and not self.hooks.waiting:
                return
        raise AssertionError("it never comes to rest")


@pytest.fixture
def jira() -> Iterator[Jira]:
    with running_jira() as running:
        yield running


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(STEPS, min_size=4, max_size=24),
    fates=FATES,
    rule=st.sampled_from([Rule.JIRA, Rule.PROGRAM]),
    lag=st.booleans(),
)
# Each webhook comes twice, and those of what happened first come last.
@example(steps=TALE, fates=[[9, 7], [5, 3], [1, 0]], rule=Rule.JIRA, lag=True)
# None comes; and every other one, when a poll has long seen it.
@example(steps=TALE, fates=[[]], rule=Rule.PROGRAM, lag=False)
@example(steps=TALE, fates=[[8], []], rule=Rule.JIRA, lag=False)
def test_all_interleavings_end_in_agreement(
    jira_app: Flask, cast: Cast, steps: list[tuple[Any, Any, Any]], fates: list[list[int]], rule: Rule, lag: bool
) -> None:
    try:
        with (
            running_jira() as jira,
            wired(jira_app, cast, jira, webhook_secret=SECRET, rule=rule, comments="both") as both,
        ):
            jira.world.lag = timedelta(seconds=20 if lag else 0)
            hooks = Hooks(jira_app, jira, both.number, fates)
            story = Story(both, both.add(*(f"Item {number}" for number in range(ITEMS))), hooks)
            for step in steps:
                with both.later(story.clock):
                    story.tell(step)
            story.end()
            _agree(story)
    finally:
        _clean()


def _agree(story: Story) -> None:
    both, world = story.both, story.both.jira.world
    said: set[str] = set()
    conflicts, _total = core.list_links(both.connection, CONFLICT, limit=500)
    for link in conflicts:
        for told in (link.base, *link.base.get("earlier", ())):
            said |= {str(told["here"] or ""), str(told["there"] or "")}
    _agree_on_words(story, said)
    tasks = [issue for issue in world.issues.values() if issue.type == "Task"]
    for number in story.numbers:
        item = both.item(number)
        if item.status in ("done", "dropped") and core.find_link(both.connection, "item", object_id=item.id) is None:
            # It was over before it was ever carried over: it needs no issue any more.
            continue
        mark = f"milepost-alfa-{number}"
        mine = [issue for issue in tasks if mark in issue.fields["labels"]]
        assert len(mine) == 1, "exactly one issue of each item"
        (issue,) = mine
        link = both.link(number)
        assert (link.external_id, link.state, link.error) == (str(issue.id), LinkState.DONE, "")
        meant = {"To Do": "todo", "In Progress": "doing", "Done": "done"}[issue.status]
        assert item.status == meant
        for name in FIELDS:
            final = story.here(number, name)
            assert final == story.there(number, name), name
            lost = story.written.get((number, name), set()) - story.overwritten.get((number, name), set()) - {final}
            assert lost <= said, f"{name}: lost without a word"


def _agree_on_words(story: Story, told: set[str]) -> None:
    """Each comment stands once on either side, in the same words, and none was lost unsaid."""
    final: set[str] = set()
    for number in story.numbers:
        if story.there(number, "title") is None:
            continue
        here = sorted(talking.bare(body) for _who, body in talking.here(story.both, number))
        there = sorted(talking.bare(body) for body in talking.there(story.both, number))
        assert here == there
        assert len(set(here)) == len(here), "each comment once"
        final |= set(here)
    carried = {text for number, text in story.spoken if story.there(number, "title") is not None}
    lost = carried - final - story.replaced - {talking.bare(one) for one in told}
    assert not lost, "a comment was lost without a word"


def _crash_after(patched: pytest.MonkeyPatch, writes: int) -> None:
    """Have the clock die at one of its writes to the database."""
    left = iter(range(writes))
    for name in ("keep_link", "apply_remote_change", "take_comment", "follow_comment", "note"):
        real = getattr(core, name)

        def write(*arguments: Any, _real: Any = real, **more: Any) -> Any:
            if next(left, None) is None:
                raise Crash
            return _real(*arguments, **more)

        patched.setattr(core, name, write)


def _clean() -> None:
    """The next example begins with an empty program."""
    with database.transaction():
        db.session.query(ExternalLink).delete()
        db.session.query(Mention).delete()
        db.session.query(Comment).delete()
        db.session.query(WorkItem).delete()
        db.session.execute(db.text("DELETE FROM connection"))
