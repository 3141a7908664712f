"""Keep the Polish catalogue in step with the texts in code and templates.

`update` collects the texts and merges them into the catalogue; `check` fails on any text that is missing, empty, fuzzy,
left over, or whose placeholders differ from the source.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "program" / "translations" / "pl" / "LC_MESSAGES" / "messages.po"
TEMPLATE = ROOT / "build" / "messages.pot"
KEYWORDS = ["_l", "lazy_gettext", "_n:1,2", "ngettext:1,2", "lazy_ngettext:1,2", "N_", "_ln:1,2"]
# For one English word that is two in Polish ('Open' as a verb and as an adjective): pgettext("verb", "Open").
KEYWORDS += ["pgettext:1c,2", "lazy_pgettext:1c,2", "npgettext:1c,2,3", "lazy_npgettext:1c,2,3"]
NOISE = re.compile(r'"(Project-Id|Report-Msgid|POT-Creation|PO-Revision|Last-Translator|Language-Team|Generated)')
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")


def extract(to: Path = TEMPLATE) -> Catalog:
    """Collect the texts of code and templates into a file, and read them."""
    to.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg", "--no-location"]
    command += ["--sort-output", "--project=Milepost", "--omit-header"]
    for keyword in KEYWORDS:
        command += ["-k", keyword]
    subprocess.run([*command, "-o", str(to), "program", "templates", "plugins"], cwd=ROOT, check=True)
    return read(to)


def update() -> int:
    """Merge new texts into the catalogue, without guessing translations of similar ones."""
    template = extract()
    catalogue = read(CATALOGUE)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    written = io.BytesIO()
    write_po(written, catalogue, sort_output=True, width=110)
    # Who and when stands in the history; here it would only make every change conflict with every other.
    lines = written.getvalue().decode().split("\n")
    CATALOGUE.write_text("\n".join(line for line in lines if not NOISE.match(line)), encoding="utf-8")
    return report(problems(template))


def read(path: Path) -> Catalog:
    """A catalogue file as Babel reads it."""
    return read_po(io.BytesIO(path.read_bytes()), locale="pl")


def texts(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """All forms of a message or its translation."""
    return (value,) if isinstance(value, str) else tuple(value or ("",))


def placeholders(text: str) -> set[str]:
    """The names of what is filled in."""
    return {first or second for first, second in PLACEHOLDER.findall(text)}


def wrong_with(message: Message, catalogue: Catalog) -> str | None:
    """What is wrong with one translation, in words; None when nothing is."""
    translated = catalogue.get(message.id, message.context)
    if translated is None:
        return "missing"
    if translated.fuzzy:
        return "fuzzy"
    forms = texts(translated.string)
    if not all(forms):
        return "not translated"
    if isinstance(message.id, list | tuple) and len(forms) != 3:
        return "needs three plural forms"
    wanted = set().union(*(placeholders(form) for form in texts(message.id)))
    for form in forms:
        found = placeholders(form)
        if found - wanted or (isinstance(message.id, str) and wanted - found):
            return f"placeholders differ: {sorted(wanted)} and {sorted(found)}"
    return None


def problems(template: Catalog) -> list[str]:
    """Every problem of the catalogue against the texts now in the code."""
    catalogue = read(CATALOGUE)
    found = []
    for message in template:
        if message.id and (reason := wrong_with(message, catalogue)):
            found.append(f"{reason}: {message.id!r}")
    for message in catalogue:
        if message.id and template.get(message.id, message.context) is None:
            found.append(f"no longer in the code: {message.id!r}")
    return found


def report(found: list[str]) -> int:
    """Print the problems; 1 when there are any."""
    for line in found:
        print(line)
    print(f"Polish catalogue: {len(found)} problems." if found else "Polish catalogue: complete.")
    return 1 if found else 0


def main() -> int:
    """Do what was asked for on the command line."""
    if sys.argv[1:] == ["update"]:
        return update()
    if sys.argv[1:] == ["check"]:
        return report(problems(extract()))
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
