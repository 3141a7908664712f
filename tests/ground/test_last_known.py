"""Who cannot wait hears soon: what is found, or what was found the last time."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from program.ground.last_known import NotKnown, last_known

# Longer than any machine needs for what is there already.
LONG = 60.0


def test_it_is_asked_for_each_time(context: None, app: Flask):
    found = iter((1, 2))
    assert last_known("each", lambda: next(found), LONG) == 1
    assert last_known("each", lambda: next(found), LONG) == 2


def test_the_last_answer_serves_while_the_next_takes_too_long(context: None, app: Flask):
    go_on = threading.Event()
    assert last_known("slow", lambda: "before", LONG) == "before"
    try:
        assert last_known("slow", lambda: str(go_on.wait(LONG)), 0.01) == "before"
        # Nobody asks beside the one who waits.
        assert last_known("slow", lambda: "nobody asks", 0.01) == "before"
    finally:
        go_on.set()


def test_what_fails_or_was_never_known_is_said(context: None, app: Flask):
    with pytest.raises(NotKnown):
        last_known("never", lambda: 1 // 0, LONG)
    assert last_known("never", lambda: 5, LONG) == 5
    assert last_known("never", lambda: 1 // 0, LONG) == 5
