"""The door for web servers: `gunicorn -c python:program.cli.workers wsgi:app`."""

from dataclasses import replace

from program import create_app
from program.ground import requests
from program.settings import Settings, kept_secret_key

settings = Settings.from_environment()
requests.set_up_logs(settings.log_level)
app = create_app(replace(settings, secret_key=kept_secret_key(settings)))
