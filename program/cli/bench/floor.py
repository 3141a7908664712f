"""The floor: what a bare Flask page with one query and a table of 100 rows costs on this machine."""

from __future__ import annotations

from flask import Flask, render_template_string
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

PAGE = """<!doctype html><title>Floor</title><table>{% for row in rows %}
<tr><td>{{ row.number }}</td><td>{{ row.title }}</td><td>{{ row.status }}</td><td>{{ row.due_on }}</td></tr>{% endfor %}
</table>"""
QUERY = text(
    "SELECT number, title, status, due_on FROM work_item WHERE program_id = :program ORDER BY number LIMIT 100"
)


def create_floor(database_url: str, program_id: int) -> Flask:
    """An app with two addresses: `/` the table, `/alive` nothing at all."""
    app = Flask("floor")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    db = SQLAlchemy(app)

    @app.get("/")
    def table() -> str:
        return render_template_string(PAGE, rows=db.session.execute(QUERY, {"program": program_id}).all())

    @app.get("/alive")
    def alive() -> str:
        return "alive"

    return app
