"""Pages of playbooks: the list, one of them readable, bringing one in as a file, taking one away."""

from __future__ import annotations

from contextlib import closing

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground.errors import Forbidden, Invalid
from program.people.session import current_actor
from program.planning import criteria, playbook_shelf
from program.planning.item_words import CHANNEL_WORDS, role_words
from program.playbooks.document import SIZE_MAX

blueprint = Blueprint("playbooks", __name__)


@blueprint.get("/playbooks")
def index() -> ResponseReturnValue:
    """All playbooks."""
    return render_template(
        "planning/playbooks/index.html",
        shelf=playbook_shelf.shelf(),
        may_add=playbook_shelf.may_add(current_actor()),
    )


# An underscore cannot begin a playbook's key, so this address hides none.
@blueprint.route("/playbooks/_upload", methods=["GET", "POST"])
def upload() -> ResponseReturnValue:
    """Bring in a playbook as a YAML file; a wrong one is refused whole, with every problem and its line."""
    if not playbook_shelf.may_add(current_actor()):
        raise Forbidden(_("This takes a manager of a program."))
    if request.method == "GET":
        return render_template("planning/playbooks/upload.html", sentence="", problems=())
    file = request.files.get("file")
    if file is None or not file.filename:
        return render_template("planning/playbooks/upload.html", sentence=_("Choose a file."), problems=()), 422
    with closing(file):
        # One byte more than allowed is enough for the loader to say that the file is too large.
        source = file.stream.read(SIZE_MAX + 1)
    try:
        shelved = playbook_shelf.upload(current_actor(), source, file.filename[-80:])
    except Invalid as error:
        sentence = str(error.sentence) if error.rows else str(next(iter(error.fields.values()), error.sentence))
        return render_template(
            "planning/playbooks/upload.html", sentence=sentence, problems=playbook_shelf.told(error.rows)
        ), 422
    flash(_("The playbook is kept. New programs can be made from it."))
    return redirect(url_for("playbooks.show", playbook_key=shelved.playbook.key), 303)


@blueprint.get("/playbooks/<playbook_key>")
def show(playbook_key: str) -> ResponseReturnValue:
    """One playbook, to be read before it is chosen."""
    shelved = playbook_shelf.get(playbook_key)
    return render_template(
        "planning/playbooks/show.html",
        shelved=shelved,
        playbook=shelved.playbook,
        may_remove=playbook_shelf.may_remove(current_actor(), shelved),
        roles=role_words(),
        channels=CHANNEL_WORDS,
        kind_text=_kind_text,
    )


def _kind_text(kind: str) -> str:
    """What a criterion asks that the product words itself."""
    known = criteria.find(kind)
    return str(known.text) if known else kind


@blueprint.get("/playbooks/<playbook_key>.yaml")
def download(playbook_key: str) -> ResponseReturnValue:
    """The playbook's file."""
    source = playbook_shelf.source_of(playbook_key)
    headers = {"Content-Disposition": f'attachment; filename="{playbook_key}.yaml"'}
    return Response(source, mimetype="application/yaml", headers=headers)


@blueprint.route("/playbooks/<playbook_key>/remove", methods=["GET", "POST"])
def remove(playbook_key: str) -> ResponseReturnValue:
    """Take a playbook away, after a question."""
    shelved = playbook_shelf.get(playbook_key)
    if not playbook_shelf.may_remove(current_actor(), shelved):
        raise Forbidden(_("Only the one who added it, or an administrator, may remove a playbook."))
    if request.method == "GET" or request.form.get("confirmed") != "1":
        return render_template("planning/playbooks/remove.html", playbook=shelved.playbook)
    playbook_shelf.remove(current_actor(), playbook_key)
    flash(_("The playbook is removed. Programs made from it stay as they are."))
    return redirect(url_for("playbooks.index"), 303)
