"""The door for web servers: `gunicorn wsgi:app`."""

from dataclasses import replace

from program import create_app
from program.settings import Settings, kept_secret_key

settings = Settings.from_environment()
app = create_app(replace(settings, secret_key=kept_secret_key(settings)))
