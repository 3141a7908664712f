"""Two addresses for machines: `/healthz` says the process is alive, `/readyz` that it can serve."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from program.extensions import db
from program.ground import schema
from program.ground.pages import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """Answer without touching anything: the process lives."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Answer 200 when the database is there with the migrations this code was written for, else 503 and what to do."""
    try:
        found = schema.current_revision(db.engine)
    except SQLAlchemyError:
        return jsonify(status="not ready", reason="The database does not answer. Check MILEPOST_DATABASE_URL."), 503
    if found != schema.head_revision():
        return jsonify(status="not ready", reason="Migrations are missing. Run: milepost upgrade"), 503
    return jsonify(status="ready")
