"""`milepost serve` and `milepost upgrade`: running the web server, bringing the database to the newest migration."""

from __future__ import annotations

from typing import Any

import click

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

    class Server(BaseApplication):
        def load_config(self) -> None:
            values = {
                "bind": f"{host}:{port}",
                "workers": settings.workers,
                "threads": 4,
                "worker_class": "gthread",
                "preload_app": True,
                "control_socket_disable": True,
                # Our own log lines say more; gunicorn's would write addresses with their tokens.
                "accesslog": None,
                "loglevel": "warning",
            }
            for name, value in values.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            requests.set_up_logs(settings.log_level)
            return make_app()

    Server().run()


@click.command()
def upgrade() -> None:
    """Bring the database to the newest migration, all or nothing."""
    app = make_app()
    app.config["MILEPOST"].instance_folder.mkdir(parents=True, exist_ok=True)
    with app.app_context():
        schema.upgrade(db.engine)
        click.echo(f"The database stands at {schema.current_revision(db.engine)}.")
