"""The form of a remark on the time axis."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField

from program.kpis.annotations import MAX_TEXT
from program.kpis.models import KpiAnnotation
from program.planning.forms.fields import choice, day, line, select


class RemarkForm(FlaskForm):
    """What happened, when, and on whose axis it stands. Its rules stand in `annotations.py`."""

    revision = HiddenField()
    on_day = day(_l("Day"))
    text = line(
        _l("What happened"),
        MAX_TEXT,
        description=_l("Something that may have moved figures: a price rise, an outage, a campaign."),
    )
    kpi_id = select(_l("For"))

    def offer(self, kpis: Mapping[int, Any]) -> None:
        """Fill the list of KPIs: rows with a label, by id."""
        self.kpi_id.choices = [choice("", _("All KPIs")), *(choice(row.id, row.label) for row in kpis.values())]

    def begin(self, row: KpiAnnotation | None, kpi_id: int | None, today: date) -> None:
        """Fill it with the remark, or with today and that KPI for a new one."""
        self.on_day.data, self.kpi_id.data = today, str(kpi_id or "")
        if row is not None:
            self.revision.data = str(row.revision)
            self.on_day.data, self.text.data, self.kpi_id.data = row.on_day, row.text, str(row.kpi_id or "")

    def chosen(self) -> int | None:
        """The id of the KPI whose axis it stands on; None for all of them."""
        raw = self.kpi_id.data or ""
        return int(raw) if raw.isdecimal() and len(raw) <= 9 else None

    def seen(self) -> int:
        """The revision that the page showed."""
        raw = self.revision.data or ""
        return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else 0
