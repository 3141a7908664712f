"""The status report in words: Markdown from facts, in whatever language is spoken, and the plain text of a message."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from program.ground import formats
from program.kpis.words import channel_name, difference, figure, kpi_name
from program.planning.history_words import OUTCOME_WORDS
from program.steering.report_facts import DecidedFact, FigureFact, ItemFact, ItemList, MoneyFact, ReportFacts, RiskFact

LIST_TITLES: dict[str, Any] = {
    "done": _l("Done"),
    "slipped": _l("Slipped"),
    "pulled": _l("Brought forward"),
    "blocked": _l("Blocked"),
    "added": _l("Added"),
    "dropped": _l("Dropped"),
    "reopened": _l("Taken up again"),
}
RISK_WORDS: dict[str, Any] = {
    "new": _l("new"),
    "further": _l("taken further"),
    "closed": _l("closed"),
    "happened": _l("happened"),
    "": _l("open"),
}
# What Markdown would take for its own in people's titles.
_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_HEADING = re.compile(r"#{1,6}\s+(.+)")
_BULLET = re.compile(r"^[-*+]\s+")
# A mark that people wrote as such has a backslash before it.
_STRONG = re.compile(r"(?<!\\)\*\*(?=\S)(.+?)(?<=[^\s\\])\*\*")
_LINK = re.compile(r"(?<!\\)\[([^\]]+)(?<!\\)\]\([^)\s]*\)")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>])")


def markdown_of(facts: ReportFacts) -> str:
    """The draft in the present language. A section without facts is left out."""
    parts = [_plain(facts.pl if formats.current_locale() == "pl" else facts.en)]
    parts += [_section(str(LIST_TITLES[one.kind]), _items(facts.key, one)) for one in facts.lists]
    if not any(one.kind == "done" for one in facts.lists):
        parts.insert(1, _section(str(LIST_TITLES["done"]), [_("Nothing was finished in this time.")]))
    sections: list[tuple[str, list[str]]] = [
        (_("Decided"), [_decided(one) for one in facts.decided]),
        (_("The next two weeks"), _coming(facts)),
        (_("Risks"), [_risk(one) for one in facts.risks]),
        (_("Experience Index and KPIs"), [_figure(one) for one in facts.figures if one.value is not None]),
        (_("Budget"), _money(facts.money)),
    ]
    parts += [_section(title, lines) for title, lines in sections if lines]
    return "\n\n".join(parts) + "\n"


def text_of(markdown: str) -> str:
    """The report as plain text, for a message."""
    lines = [line.removeprefix("# ") for line in markdown.split("\n")]
    lines = [f"\N{BULLET} {line[2:]}" if line.startswith("- ") else line for line in lines]
    return _ESCAPED.sub(r"\1", "\n".join(lines)).strip()


def sections_of(markdown: str) -> list[tuple[str, list[str]]]:
    """The report as (heading, lines), all of it plain text; '' heads what stands before the first heading."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in markdown.split("\n"):
        words = line.strip()
        if heading := _HEADING.match(words):
            found.append((_bare(heading[1]), []))
        elif words:
            found[-1][1].append(_bare(_BULLET.sub("", words)))
    return [one for one in found if one[0] or one[1]]


def _bare(words: str) -> str:
    """One line of Markdown without its marks."""
    return _ESCAPED.sub(r"\1", _LINK.sub(r"\1", _STRONG.sub(r"\1", words)))


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([f"# {title}", "", *(f"- {line}" for line in lines)])


def _items(key: str, found: ItemList) -> list[str]:
    lines = [_item(key, found.kind, one) for one in found.items]
    rest = found.total - len(found.items)
    if rest > 0:
        lines.append(ngettext("and %(num)s more", "and %(num)s more", rest))
    return lines


def _item(key: str, kind: str, one: ItemFact) -> str:
    parts = [f"{key}-{one.number} {_plain(one.title)}"]
    if kind == "slipped" and one.due_on:
        moved = ngettext("%(num)s working day later", "%(num)s working days later", one.days)
        parts.append(_("%(moved)s, now %(day)s", moved=moved, day=formats.dated(one.due_on)))
    elif kind == "pulled" and one.due_on:
        moved = ngettext("%(num)s working day earlier", "%(num)s working days earlier", one.days)
        parts.append(_("%(moved)s, now %(day)s", moved=moved, day=formats.dated(one.due_on)))
    elif kind == "added" and one.due_on:
        parts.append(_("due %(day)s", day=formats.dated(one.due_on)))
    line = ", ".join(parts)
    if one.why:
        return _("%(what)s. Why: %(why)s", what=line, why=_plain(one.why))
    return line


def _decided(one: DecidedFact) -> str:
    if one.number is None:
        outcome = OUTCOME_WORDS.get(one.outcome, one.outcome)
        return _("Gate %(name)s: %(outcome)s", name=_plain(one.title), outcome=outcome)
    chosen = _plain(one.outcome) if one.outcome else _("None of the options")
    line = f"D{one.number} {_plain(one.title)}: {chosen}"
    return f"{line}. {_plain(one.reason)}" if one.reason else line


def _coming(facts: ReportFacts) -> list[str]:
    lines = [
        _("%(day)s, late: gate %(name)s", day=formats.dated(one.day), name=_plain(one.title))
        if one.kind == "gate" and one.day < facts.until
        else _("%(day)s: gate %(name)s", day=formats.dated(one.day), name=_plain(one.title))
        if one.kind == "gate"
        else _("%(day)s: the committee meets", day=formats.dated(one.day))
        for one in sorted(facts.dates, key=lambda one: one.day)
    ]
    for one in facts.coming:
        line = f"{formats.dated(one.due_on)}: {facts.key}-{one.number} {_plain(one.title)}"
        lines.append(f"{line} ({_plain(one.who)})" if one.who else line)
    rest = facts.coming_total - len(facts.coming)
    if rest > 0:
        lines.append(ngettext("and %(num)s more", "and %(num)s more", rest))
    return lines


def _risk(one: RiskFact) -> str:
    line = _("R%(number)s %(title)s: %(what)s", number=one.number, title=_plain(one.title), what=RISK_WORDS[one.what])
    if one.what in ("closed", "happened"):
        return line
    line += ", " + _("score %(score)s", score=one.score)
    return f"{line} ({_plain(one.who)})" if one.who else line


def _figure(one: FigureFact) -> str:
    if one.value is None:
        return ""
    if one.measure is None:
        line = _("Experience Index %(value)s", value=formats.exact(one.value, 1))
        if one.before is None:
            return line
        before = _("%(value)s before", value=formats.exact(one.before, 1))
        return f"{line} ({before})"
    name = kpi_name(one.measure)
    if one.channel:
        name = f"{name}, {channel_name(one.channel)}"
    change = difference(one.value - one.before, one.measure) if one.before is not None else ""
    way = _("better") if one.way > 0 else _("worse")
    return f"{_plain(name)}: {figure(one.value, one.measure)} ({change}, {way})"


def _money(found: MoneyFact | None) -> list[str]:
    if found is None:
        return []
    lines = [
        _(
            "Approved %(approved)s, spent %(spent)s, forecast %(forecast)s %(currency)s",
            approved=formats.exact(found.approved),
            spent=formats.exact(found.spent),
            forecast=formats.exact(found.forecast),
            currency=found.currency,
        )
    ]
    if found.forecast > found.approved:
        over = formats.exact(found.forecast - found.approved)
        lines.append(_("%(over)s %(currency)s beyond what was approved", over=over, currency=found.currency))
    if found.forecast_before is not None and found.forecast_before != found.forecast:
        before = formats.exact(found.forecast_before)
        lines.append(_("The forecast was %(before)s %(currency)s before", before=before, currency=found.currency))
    return lines


def _plain(text: str) -> str:
    """People's words so that Markdown takes nothing in them for its own."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
