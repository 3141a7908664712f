"""Slack: messages to people where they work, answered there.

It enters by the same door as a stranger's plugin and sees only the contract. Going out: `deliver.py` hands messages
over, `faces.py` draws them, `pacing.py` keeps to Slack's limits, `errors.py` and `meanings.py` know what a refusal of
Slack's means, `people.py` knows who is who, `matching.py` looks them up. Coming in: `receiving.py` and `socket_mode.py`
take what Slack tells, `listening.py` knows who listens, `doing.py` does it once Slack has been answered; `pulse.py`,
`home.py`, `tasks.py`, `ideas.py`, `slash.py` and `shortcuts.py` are what people can do, `closing.py` what becomes of a
round's messages. KPI reviews: `figures.py` and `entering.py` for those who owe figures; `reviews.py`,
`review_posts.py`, `reviewing.py` and `review_thread.py` for the channel in which a review is told. Decisions of a
committee: `decisions.py`, `voting.py` and `decision_posts.py`; its meetings and reports: `faces_of_committees.py`.
`settings.py` is how all of it is set up; `manifest.py`, `checking.py`, `pages.py` and `commands.py` help with that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click
from flask import Blueprint
from flask_babel import lazy_gettext as _l
from wtforms import Form

from plugins.slack_checkin import (
    checking,
    closing,
    commands,
    decision_posts,
    decisions,
    deliver,
    faces,
    faces_of_committees,
    faces_of_kpis,
    faces_of_pulse,
    matching,
    pacing,
    pages,
    receiving,
    review_posts,
    reviews,
    settings,
    socket_mode,
)
from program.plugin_api.contract import Connection, Delivered, Health, OutgoingMessage, Plugin, Recipient, Tick, hook

faces.face(*faces_of_pulse.KINDS)(faces_of_pulse.draw)
faces.face(*faces_of_kpis.KINDS)(faces_of_kpis.draw)
faces.face(*reviews.KINDS)(review_posts.draw)
faces.face(*decisions.KINDS)(decision_posts.draw)
faces.face(*faces_of_committees.KINDS)(faces_of_committees.draw)
faces.face(*faces_of_committees.REPORTS)(faces_of_committees.draw_report)
deliver.when_posted(closing.posted, *faces_of_pulse.KINDS)
deliver.when_posted(review_posts.posted, reviews.READY)
deliver.when_posted(decision_posts.posted, *decisions.KINDS)
deliver.in_thread(review_posts.thread_of, reviews.CLOSED)


class SlackPlugin(Plugin):
    """The plugin."""

    name = settings.PLUGIN
    title = _l("Slack")
    summary = _l("Sends people their messages in Slack, where they answer a pulse with a tap.")
    command = "slack"
    admin_page = "slack.show"
    messages_a_minute = pacing.MESSAGES_A_MINUTE

    @hook
    def settings_form(self) -> type[Form]:
        """Tokens and signing secret."""
        return settings.SettingsForm

    @hook
    def blueprints(self) -> Sequence[Blueprint]:
        """Pages for people, and the address that Slack calls."""
        return [pages.blueprint, receiving.blueprint]

    @hook
    def commands(self) -> Sequence[click.Command]:
        """`milepost slack …`."""
        return [commands.print_manifest, commands.check]

    @hook
    def ticks(self) -> Sequence[Tick]:
        """People are looked up ahead of their first message; what becomes of sent pulses; the line of Socket Mode."""
        look_up = Tick("people", _l("People are looked up in Slack"), timedelta(seconds=30), matching.match_due)
        return [look_up, closing.tick(), review_posts.tick(), decision_posts.tick(), socket_mode.tick()]

    @hook
    def knows(self, person: Recipient, connection: Connection) -> bool:
        """Everybody who is in Slack, as far as is known."""
        return deliver.knows(person, connection)

    @hook
    def deliver(self, message: OutgoingMessage, connection: Connection) -> Delivered:
        """Into the direct conversation with its reader, or into a channel."""
        return deliver.deliver(message, connection)

    @hook
    def was_delivered(self, message: OutgoingMessage, connection: Connection) -> bool | None:
        """The conversation is looked through for the message's mark."""
        return deliver.was_delivered(message, connection)

    @hook
    def check(self, connection: Connection) -> Health:
        """Token, rights, and the way in."""
        return checking.health(settings.setup_of(connection))
