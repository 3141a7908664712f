"""A way to people that keeps what it is given, and does what a test tells it to do instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from program.outbox.fates import Delivered
from program.outbox.transports import OutgoingMessage, Recipient


@dataclass
class FakeWay:
    """Delivers into a list. `answers` are taken one by one before that: an error to raise, or anything to answer."""

    name: str = "chat"
    label: str = "Chat"
    a_minute: int = 0
    strangers: set[int] = field(default_factory=set)
    answers: list[object] = field(default_factory=list)
    got: list[OutgoingMessage] = field(default_factory=list)
    asked: list[OutgoingMessage] = field(default_factory=list)
    # What it says of messages whose answer was lost.
    knows_fate: Callable[[OutgoingMessage], bool | None] = lambda message: None

    def knows(self, person: Recipient, program_id: int | None) -> bool:
        return person.id not in self.strangers

    def deliver(self, message: OutgoingMessage) -> Delivered:
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer  # type: ignore[return-value]
        self.got.append(message)
        return Delivered(f"ref-{message.id}")

    def was_delivered(self, message: OutgoingMessage) -> bool | None:
        self.asked.append(message)
        return self.knows_fate(message)
