"""Entering figures: the button opens a window, what is sent is looked at while Slack waits, and then saved.

A KPI is saved whole or not at all. What the database refuses (somebody was quicker, the period is closed) comes back in
the window with what was typed, so that nobody types twice; the message then says how many figures are in.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from plugins.slack_checkin import answering, figures, home, redrawing
from plugins.slack_checkin import blocks as b
from plugins.slack_checkin.figures import Asked
from plugins.slack_checkin.told import Told
from program.plugin_api import core
from program.plugin_api.contract import Invalid, Kpi, MilepostError, Origin, Person

_log = logging.getLogger("milepost.slack")
Texts = dict[int, dict[str, str]]


def kpis_of(person: Person, asked: Asked) -> tuple[Kpi, ...]:
    """The KPIs that a button asks for, as far as that person may enter their figures; in their words."""
    if asked.review_id:
        return core.kpis_for_review(person, asked.review_id, asked.kpi_ids)
    return tuple(kpi for kpi in core.own_kpis(person) if kpi.id in asked.kpi_ids)


def ask(told: Told) -> None:
    """The button was pressed: a window with a field for each channel."""
    asked = figures.read_asked(told.action.get("value"))
    if asked is None:
        told.say(answering.outdated_words())
        return
    kpis = kpis_of(told.person, asked)
    channel, ts = ("", "") if told.is_at_home else told.place
    kept = {"locale": told.person.locale, "channel": channel, "ts": ts}
    words = _("There is nothing for you to enter here any more.")
    view = figures.window(asked, kpis, kept) if kpis else figures.telling(words)
    told.client.views_open(trigger_id=told.trigger_id, view=view)


def check(told: Told) -> dict[str, str]:
    """What is wrong with which figure, by its block; looked at while Slack waits, so without the database."""
    wrong = {}
    for block_id, (kpi_id, _channel, _revision, text) in figures.fields(told.view).items():
        rules = figures.rules_of(told.kept, kpi_id)
        if rules is None or not text.strip():
            continue
        measure, low, high, _period = rules
        if words := core.wrong_figure(text, measure, low, high, told.locale):
            wrong[block_id] = words
    return wrong


def meanwhile(told: Told) -> b.Block:
    """What the window shows until the figures are saved."""
    return figures.telling(_("One moment, your figures are being saved."))


def save(told: Told) -> None:
    """The window was sent."""
    asked = figures.read_asked(told.kept.get("asked"))
    if asked is None:
        told.say(answering.outdated_words())
        return
    texts, wrong = _texts(told), defaultdict[int, dict[str, str]](dict)
    try:
        for kpi_id in texts:
            wrong.update(_saved(told, kpi_id, texts[kpi_id]))
        kpis = kpis_of(told.person, asked)
    except Exception as error:  # noqa: BLE001 - what was typed must not be lost with it
        _log.error("figures could not be saved", extra={"fields": {"error": type(error).__name__}})
        words = _(
            "That did not work just now. Nothing more was saved than the table shows; please try again in a minute."
        )
        told.show(figures.telling(f"{words}\n{_typed_again(texts)}"), words)
        return
    kept = {name: told.kept.get(name) or "" for name in ("locale", "channel", "ts")}
    words = figures.state_words(kpis)
    if wrong and kpis:
        note = _("Not saved yet. Look at what is marked, then save again.")
        view = figures.window(asked, kpis, kept, note=note, typed=texts, wrong=wrong)
        words = " ".join([note, *(reason for mine in wrong.values() for reason in mine.values())])
    elif wrong:
        words = " ".join(reason for mine in wrong.values() for reason in mine.values())
        view = figures.telling(words)
    elif asked.page + 1 < len(figures.pages(kpis)):
        view = figures.window(Asked(asked.review_id, asked.kpi_ids, asked.page + 1), kpis, kept, note=words)
    else:
        view = figures.telling(words)
    told.show(view, words)
    _redraw(told, asked, kpis)


def _saved(told: Told, kpi_id: int, texts: Mapping[str, str]) -> dict[int, dict[str, str]]:
    """Save one KPI's figures. What is wrong, by KPI and channel."""
    rules = figures.rules_of(told.kept, kpi_id)
    if rules is None:
        return {kpi_id: {"?": answering.outdated_words()}}
    seen = {key: revision for one, key, revision, _text in figures.fields(told.view).values() if one == kpi_id}
    try:
        core.patiently(lambda: core.record_figures(told.person, kpi_id, rules[3], texts, seen=seen, where=Origin.SLACK))
    except Invalid as refused:
        named = {str(key): str(reason) for key, reason in (refused.fields or {}).items()}
        return {kpi_id: named or {"?": str(refused.sentence)}}
    except MilepostError as refused:
        return {kpi_id: {"?": str(refused.sentence)}}
    return {}


def _texts(told: Told) -> Texts:
    found: Texts = {}
    for kpi_id, channel, _revision, text in figures.fields(told.view).values():
        found.setdefault(kpi_id, {})[channel] = text
    return found


def _typed_again(texts: Texts) -> str:
    return "; ".join(text for mine in texts.values() for text in mine.values() if text)


def _redraw(told: Told, asked: Asked, kpis: Sequence[Kpi]) -> None:
    """Show in the message how the figures stand. What else is in it is read from Slack, and stays."""
    channel, ts = str(told.kept.get("channel") or ""), str(told.kept.get("ts") or "")
    if not channel:
        home.publish(told)
        return
    message = redrawing.shown(told.setup, channel, ts)
    ids = [block.get("block_id") for block in message.get("blocks") or ()]
    listed = figures.told_id(asked.review_id) not in ids
    new = figures.draw(Asked(asked.review_id, asked.kpi_ids), kpis, listed=listed)
    first = str(message.get("text") or "").partition("\n")[0]
    words = b.cut(f"{first}\n{figures.state_words(kpis)}", b.MESSAGE_TEXT - 1_000)
    redrawing.redraw(told.setup, channel, ts, figures.prefix(asked.review_id), new, words)
