"""What a role is called and what is said of it: the program's own words, or else the catalogue's in the reader's
language.

A role taken over from the catalogue keeps its texts empty until somebody rewrites them, so that it reads well in both
languages.
"""

from __future__ import annotations

from collections.abc import Mapping

from program.ground.formats import current_locale
from program.ground.records import record
from program.playbooks.roles import Role, roles


def role_name(key: str, name: str) -> str:
    """The role's name as its readers see it."""
    return name or _of_catalogue(key, "name") or key


def role_purpose(key: str, purpose: str) -> str:
    """What the role is for; '' where nobody has said."""
    return purpose or _of_catalogue(key, "purpose")


def role_responsibilities(key: str, responsibilities: str) -> list[str]:
    """What the role answers for, line by line."""
    if responsibilities:
        return [line for line in responsibilities.splitlines() if line.strip()]
    found = roles().get(key)
    return [text.in_(current_locale()) for text in found.responsibilities] if found else []


def _of_catalogue(key: str, what: str) -> str:
    found = roles().get(key)
    return getattr(found, what).in_(current_locale()) if found else ""


@record
class CatalogueRole:
    """A role of the catalogue in the reader's language."""

    key: str
    name: str
    purpose: str
    circle: str
    share_low: int | None
    share_high: int | None


def catalogue() -> Mapping[str, CatalogueRole]:
    """The catalogue in the reader's language, by key, in its order."""
    return {key: _in_reader_language(role) for key, role in roles().items()}


def _in_reader_language(role: Role) -> CatalogueRole:
    locale = current_locale()
    return CatalogueRole(
        role.key, role.name.in_(locale), role.purpose.in_(locale), role.circle, role.share_low, role.share_high
    )
