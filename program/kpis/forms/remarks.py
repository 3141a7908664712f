"""The form of a remark on the time axis."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from program.kpis.annotations import MAX_TEXT
from program.kpis.models import KpiAnnotation
from program.planning.forms.fields import day, line


class RemarkForm(FlaskForm):
    """What happened, and when. Its rules stand in `annotations.py`."""

    revision = HiddenField()
    on_day = day(_l("Day"))
    text = line(
        _l("What happened"),
        MAX_TEXT,
        description=_l("Something that may have moved figures: a price rise, an outage, a campaign."),
    )
    for_all = BooleanField(
        _l("Show it on every KPI"), description=_l("Leave it empty for what concerns this KPI alone.")
    )

    def begin(self, row: KpiAnnotation | None, today: date) -> None:
        """Fill it with the remark, or with today for a new one."""
        if row is None:
            self.on_day.data = today
            return
        self.revision.data = str(row.revision)
        self.on_day.data, self.text.data, self.for_all.data = row.on_day, row.text, row.kpi_id is None

    def values(self, kpi: Any) -> tuple[Any, date | None, str]:
        """The KPI (None for all), the day and the words."""
        return None if self.for_all.data else kpi, self.on_day.data, self.text.data or ""
