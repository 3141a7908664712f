"""The floor: what a bare Flask page with one query and a table of 100 rows costs on this machine.

It is written as a newcomer to Flask-SQLAlchemy would: one query for a hundred rows of a model, one template. No
sign-in, no permissions, no languages, no frame.
"""

from __future__ import annotations

from flask import Flask, render_template
from jinja2 import DictLoader
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.planning.models import WorkItem

PAGE = """<!doctype html><html lang="en"><head><title>Floor</title></head><body><h1>Items</h1><table>
<tr><th>No.</th><th>Item</th><th>Kind</th><th>Status</th><th>Priority</th><th>Due</th></tr>
{% for item in items %}
<tr><td>{{ item.number }}</td><td>{{ item.title }}</td><td>{{ item.kind }}</td><td>{{ item.status }}</td>
<td>{{ item.priority }}</td><td>{{ item.due_on }}</td></tr>
{% endfor %}
</table></body></html>"""


def create_floor(database_url: str, program_id: int) -> Flask:
    """An app with two addresses: `/` the table, `/alive` nothing at all."""
    app = Flask("floor")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    app.jinja_loader = DictLoader({"floor.html": PAGE})
    db.init_app(app)
    # Else its readers would queue for SQLite's write lock, as no bare page's would.
    app.before_request(database.begin_reading)

    @app.get("/")
    def table() -> str:
        query = select(WorkItem).where(WorkItem.program_id == program_id).order_by(WorkItem.number).limit(100)
        return render_template("floor.html", items=db.session.scalars(query).all())

    @app.get("/alive")
    def alive() -> str:
        return "alive"

    return app
