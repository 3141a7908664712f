"""`milepost serve` and `milepost upgrade`: running the web server, bringing the database to the newest migration."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from program.cli import workers
from program.cli.door import make_app
from program.extensions import db
from program.ground import requests, schema
from program.settings import Settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
def serve(host: str, port: int) -> None:
    """Serve the web pages until interrupted."""
    # Imported here: no other command needs a web server.
    from gunicorn.app.base import BaseApplication

    settings = Settings.from_environment()
    _refuse_without_migrations()

    class Server(BaseApplication):
        def load_config(self) -> None:
            self.cfg.set("bind", f"{host}:{port}")
            self.cfg.set("workers", settings.workers)
            for name in self.cfg.settings:
                if hasattr(workers, name):
                    self.cfg.set(name, getattr(workers, name))

        def load(self) -> Any:
            requests.set_up_logs(settings.log_level)
            return make_app()

    click.echo(f"Milepost is served at http://{host}:{port} (stop it with Ctrl+C).")
    Server().run()


def _refuse_without_migrations() -> None:
    """Better no server than one whose every page fails."""
    app = make_app()
    with app.app_context():
        try:
            found = schema.current_revision(db.engine)
        except SQLAlchemyError as error:
            raise click.ClickException("The database does not answer. Check MILEPOST_DATABASE_URL.") from error
        db.engine.dispose()
    if found != schema.head_revision():
        raise click.ClickException("The database lacks migrations. Run: milepost upgrade")


@click.command()
def upgrade() -> None:
    """Bring the database to the newest migration, all or nothing."""
    app = make_app()
    app.config["MILEPOST"].instance_folder.mkdir(parents=True, exist_ok=True)
    with app.app_context():
        schema.upgrade(db.engine)
        click.echo(f"The database stands at {schema.current_revision(db.engine)}.")
