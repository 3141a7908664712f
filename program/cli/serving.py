"""`milepost serve` and `milepost upgrade`: pages and clock in one go, and the database at the newest migration."""

from __future__ import annotations

import sys
from typing import Any

import click

from program.cli import together, workers
from program.cli.door import make_app, refuse_without_migrations
from program.extensions import db
from program.ground import requests, schema
from program.settings import Settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--clock/--no-clock", default=True, show_default=True, help="Whether to do what is due as well.")
def serve(host: str, port: int, clock: bool) -> None:
    """Serve the web pages, and do what is due, until interrupted."""
    settings = Settings.from_environment()
    refuse_without_migrations()
    requests.set_up_logs(settings.log_level)
    click.echo(f"Milepost is served at http://{host}:{port} (stop it with Ctrl+C).")
    if clock:
        sys.exit(together.run(lambda: _serve_pages(host, port, settings), _run_clock))
    _serve_pages(host, port, settings)


def _serve_pages(host: str, port: int, settings: Settings) -> None:
    # Imported here: no other command needs a web server.
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            self.cfg.set("bind", f"{host}:{port}")
            self.cfg.set("workers", settings.workers)
            for name in self.cfg.settings:
                if hasattr(workers, name):
                    self.cfg.set(name, getattr(workers, name))

        def load(self) -> Any:
            return make_app()

    Server().run()


def _run_clock() -> None:
    # Imported here: the web server needs no scheduler.
    from program.clock.running import run_until_told

    run_until_told(make_app())


@click.command()
def upgrade() -> None:
    """Bring the database to the newest migration, all or nothing."""
    app = make_app()
    app.config["MILEPOST"].instance_folder.mkdir(parents=True, exist_ok=True)
    with app.app_context():
        schema.upgrade(db.engine)
        click.echo(f"The database stands at {schema.current_revision(db.engine)}.")
