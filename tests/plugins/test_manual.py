"""`docs/plugins.md` against the code: every hook, argument and function stands in it, and its tutorial works."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from program.plugin_api import contract, core
from program.plugin_api.contract import Hooks
from program.plugin_host.calling import LIMITS
from program.plugin_host.views.drawing import HOOK_WORDS
from tests.conftest import BACKEND

HOOKS = {name: function for name, function in vars(Hooks).items() if not name.startswith("_")}


@pytest.fixture(scope="module")
def manual() -> str:
    return (Path(__file__).parents[2] / "docs" / "plugins.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_stands_in_the_manual_with_its_arguments_and_limit(name: str, manual: str):
    arguments = ", ".join(list(inspect.signature(HOOKS[name]).parameters)[1:])
    assert f"| `{name}({arguments})` | {LIMITS[name]:g} s | {inspect.getdoc(HOOKS[name])} |" in manual


def test_no_hook_is_invented(manual: str):
    table = manual[manual.index("## Hooks") : manual.index("## Settings, connections")]
    assert set(re.findall(r"^\| `(\w+)\(", table, re.MULTILINE)) == set(HOOKS)


def test_every_hook_has_words_on_the_page():
    assert set(HOOK_WORDS) == set(HOOKS)


@pytest.mark.parametrize("name", core.__all__)
def test_every_function_of_the_core_stands_in_the_manual(name: str, manual: str):
    sentence = (inspect.getdoc(getattr(core, name)) or "").splitlines()[0]
    assert f"| `{name}` | {sentence} |" in manual


@pytest.mark.parametrize("name", contract.__all__)
def test_every_name_of_the_contract_stands_in_the_manual(name: str, manual: str):
    assert re.search(rf"`@?{name}\b|\b{name}\b", manual)


@dataclass(frozen=True)
class Tutorial:
    """What the first part of the manual asks its reader to write and to type, in order."""

    files: dict[str, str]
    # Pairs of a command and what it prints; '…' stands for lines that do not matter.
    steps: list[tuple[str, str]]


def read_tutorial(manual: str) -> Tutorial:
    part = manual[manual.index("## A plugin in one file") : manual.index("## A source of figures in one file")]
    files = dict(re.findall(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```", part, re.MULTILINE | re.DOTALL))
    steps = []
    for block in re.findall(r"^```console\n(.*?)^```", part, re.MULTILINE | re.DOTALL):
        for typed in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _line, printed = typed.partition("\n")
            steps.append((command, printed))
    return Tutorial(files, steps)


@dataclass(frozen=True)
class Machine:
    """A fresh environment that Milepost runs in, with a folder beside it."""

    folder: Path
    environment: dict[str, str]

    def run(self, command: str) -> str:
        """Type a command; it must succeed."""
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def python(self, script: str) -> str:
        """Run a script in that environment."""
        path = self.folder / "script.py"
        path.write_text(script, encoding="utf-8")
        return self.run(f"python {path}")


@pytest.fixture
def machine(tmp_path: Path, project_root: Path) -> Machine:
    """A new environment that sees what Milepost needs, and has Milepost; nothing is fetched."""
    home, folder = tmp_path / "environment", tmp_path / "milepost-unowned"
    folder.mkdir()
    venv.EnvBuilder(with_pip=False, symlinks=True).create(home)
    (own,) = home.glob("lib/python*/site-packages")
    (own / "milepost.pth").write_text(f"{project_root}\n{sysconfig.get_paths()['purelib']}\n")
    command = home / "bin" / "milepost"
    command.write_text(f"#!{home}/bin/python\nfrom program.cli import main\nmain()\n")
    command.chmod(0o755)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MILEPOST", "PYTHON", "PIP"))
    }
    environment |= {
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(home),
        "MILEPOST_DATABASE_URL": f"sqlite:///{tmp_path / 'milepost.sqlite3'}",
        "MILEPOST_SECRET_KEY": "a key for this test and no other",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    return Machine(folder, environment)


BEFORE = """
from program.cli.door import open_app
from program.extensions import db
from program.ground import database, schema
from program.planning import items
from tests.cast import invite_cast
with open_app():
    schema.upgrade(db.engine)
with open_app(), database.transaction():
    cast = invite_cast()
    items.add_items(cast.manager.actor, cast.program_id, [
        items.ItemDraft("Map the customer's journey"),
        items.ItemDraft("Train the shops", owner_id=cast.manager.id),
    ])
"""
AFTER = """
from datetime import timedelta
from program.ground.now import held_at, utc_now
from program.plugin_host.panels import fetch_due
from program.cli.door import make_app
from program.extensions import db
from program.people.models import Person
from sqlalchemy import select
app = make_app()
app.config.update(WTF_CSRF_ENABLED=False)
def client_of(email):
    with app.app_context():
        person = db.session.scalars(select(Person).where(Person.email == email)).one()
        cookie_value = f"{person.id}.{person.session_key}"
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = cookie_value
    return client
manager, admin = client_of("maria@alfa.example"), client_of("ada@alfa.example")
manager.post("/p/ALFA/settings/plugins/unowned/enabled", data={"value": "1"})
with app.app_context():
    # What the clock does a while later.
    with held_at(utc_now() + timedelta(minutes=MINUTES)):
        fetch_due()
print(manager.get("/p/ALFA/panels").text)
print("OVERVIEW", manager.get("/p/ALFA/").status_code)
print(admin.get("/admin/plugins/unowned").text)
"""


@pytest.mark.skipif(BACKEND != "sqlite", reason="the reader's machine has a database of its own")
def test_the_tutorial_works_to_the_letter(machine: Machine, manual: str):
    tutorial = read_tutorial(manual)
    assert set(tutorial.files) == {"unowned.py", "pyproject.toml"}
    assert len(tutorial.steps) == 5
    for name, content in tutorial.files.items():
        (machine.folder / name).write_text(content, encoding="utf-8")
    machine.python(BEFORE)
    for command, expected in tutorial.steps:
        printed = machine.run(command)
        wanted = "".join(".*" if line == "…\n" else re.escape(line) for line in expected.splitlines(keepends=True))
        assert re.fullmatch(wanted, printed, re.DOTALL), f"{command}\n{printed}"
    pages = machine.python(AFTER.replace("MINUTES", "1"))
    assert "Open items without an owner" in pages
    assert "That is fine." in pages
    assert "How many are too many" in pages
    # Now break it, as the manual says.
    source = tutorial.files["unowned.py"]
    broken = source.replace("        count = len(", '        raise RuntimeError("out of order")\n        count = len(')
    assert broken != source
    (machine.folder / "unowned.py").write_text(broken, encoding="utf-8")
    machine.run(f"{tutorial.steps[0][0]} --force-reinstall")
    pages = machine.python(AFTER.replace("MINUTES", "9"))
    assert "Open items without an owner" in pages
    assert "Nobody&#39;s items does not answer." in pages
    assert "OVERVIEW 200" in pages
    assert "RuntimeError: out of order" in pages
    assert "Failing" in pages


def test_the_tutorial_s_plugin_is_short(manual: str):
    source = read_tutorial(manual).files["unowned.py"]
    assert len(source.splitlines()) < 60
    compile(source, "unowned.py", "exec")
    assert sys.version_info >= (3, 11)
