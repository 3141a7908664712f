"""What a plugin that measures KPIs has to know: which there are, and by what name its figures go."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, select

from program.ground import formats
from program.ground.database import read
from program.kpis.models import CustomerChannel, OverallBy
from program.kpis.models import Kpi as KpiRow
from program.kpis.models import KpiChannel as KpiChannelRow
from program.kpis.readings import settled_until
from program.kpis.words import channel_name, kpi_name, unit_sign
from program.plugin_api.contract import Connection, KpiToRead, Program
from program.plugin_api.units import reading


def source_of(connection: Connection) -> str:
    """By what a figure of that connection says where it came from."""
    return f"{connection.plugin}: {connection.name}"


def kpis(program: Program) -> tuple[KpiToRead, ...]:
    """The KPIs that the program follows, as a system that measures them has to know them, in the program's language."""
    with reading(), formats.reading_as(program.locale, program.timezone):
        settled = settled_until(program.id)
        query = (
            select(KpiRow.id, KpiChannelRow.channel, CustomerChannel.name)
            .join(KpiChannelRow, KpiChannelRow.kpi_id == KpiRow.id)
            .outerjoin(
                CustomerChannel,
                and_(CustomerChannel.program_id == KpiRow.program_id, CustomerChannel.key == KpiChannelRow.channel),
            )
            .where(KpiRow.program_id == program.id)
            .order_by(CustomerChannel.position, KpiChannelRow.channel)
        )
        channels: dict[int, list[tuple[str, str]]] = {}
        for kpi_id, key, name in read(query):
            channels.setdefault(kpi_id, []).append((key, channel_name(key, name or "")))
        rows = read(
            select(
                *(KpiRow.id, KpiRow.code, KpiRow.name, KpiRow.catalogue, KpiRow.unit, KpiRow.unit_name),
                *(KpiRow.decimals, KpiRow.every, KpiRow.overall_by),
            )
            .where(KpiRow.program_id == program.id, KpiRow.is_active)
            .order_by(KpiRow.position, KpiRow.id)
        )
        return tuple(
            KpiToRead(
                code=row.code,
                name=kpi_name(row),
                unit=unit_sign(row),
                decimals=row.decimals,
                every=row.every,
                channels=tuple(channels.get(row.id, ())),
                takes_overall=row.overall_by != OverallBy.WEIGHTED,
                open_from=None if settled is None else settled + timedelta(days=1),
            )
            for row in rows
        )
