"""Reads one mapping of a playbook file key by key, and notes everything that is not as it should be.

A getter whose value is missing or wrong returns a harmless stand-in: reading goes on, so that a person learns of all
the problems at once, and the stand-in is thrown away with everything else as soon as one problem was noted.
"""

import re
from collections.abc import Collection, Iterator

from .document import Listing, Mapping, Node, Refused, Scalar, first_unprintable, shown
from .model import KEY_MAX, LANGUAGES, NAME_MAX, Text, tidy
from .problems import Findings

_KEY = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{KEY_MAX - 1}}}")
_WHOLE = re.compile(r"-?[0-9]{1,6}")
_WEEKS = re.compile(r"([0-9]{1,4})(?:\s*[-–]\s*([0-9]{1,4}))?")
# What YAML 1.1 takes for true and false, and for nothing at all.
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NOTHING = ("", "~", "null", "Null", "NULL")


class Fields:
    """The keys of one mapping, checked against those that may and must stand in it."""

    def __init__(
        self,
        node: Node,
        name: str,
        findings: Findings,
        required: Collection[str],
        optional: Collection[str] = (),
        languages: tuple[str, ...] = LANGUAGES,
    ) -> None:
        self.findings = findings
        self.languages = languages
        self.line = node.line
        self._values: dict[str, Node] = {}
        if isinstance(node, Mapping):
            self._values = node.values
            self._check_keys(node, (*required, *optional), required)
        elif not isinstance(node, Refused):
            findings.add(node.line, "not-mapping", key=name)

    def _check_keys(self, node: Mapping, known: Collection[str], required: Collection[str]) -> None:
        for key in node.values:
            if key not in known:
                self.findings.add_unknown(node.key_lines[key], "unknown-key", key, known, key=shown(key))
        for key in required:
            if key not in node.values:
                self.findings.add(node.line, "missing-key", key=key)

    def line_of(self, name: str) -> int:
        """The line of a key's value, or of the mapping where the key is missing."""
        return self._values[name].line if name in self._values else self.line

    def has(self, name: str) -> bool:
        return name in self._values

    def node(self, name: str) -> Node:
        return self._values.get(name) or Refused(self.line)

    def key(self, name: str) -> str:
        """A key: the name by which other parts of the file speak of this one."""
        node = self.node(name)
        if isinstance(node, Scalar) and not _KEY.fullmatch(node.value):
            self.findings.add(node.line, "bad-key", value=shown(node.value), limit=KEY_MAX)
        return self.word(name)

    def word(self, name: str) -> str:
        """A single word out of a fixed list; the list is the caller's to check."""
        return self._word(self.node(name), name)

    def _word(self, node: Node, name: str) -> str:
        if isinstance(node, Scalar):
            if node.plain and node.value in _NOTHING:
                self.findings.add(node.line, "empty-text", key=name)
            return node.value
        if not isinstance(node, Refused):
            self.findings.add(node.line, "not-text", key=name)
        return ""

    def words(self, name: str) -> list[Scalar]:
        """A list of words, each with its line; none twice."""
        found: list[Scalar] = []
        for node in self.entries(name):
            self._word(node, name)
            if isinstance(node, Scalar):
                found.append(node)
        seen: set[str] = set()
        for scalar in found:
            if scalar.value in seen:
                self.findings.add(scalar.line, "repeated", value=shown(scalar.value))
            seen.add(scalar.value)
        return found

    def entries(self, name: str, *, at_least_one: bool = False) -> list[Node]:
        """The entries of a list; none when the key is missing."""
        node = self.node(name)
        if isinstance(node, Listing):
            if at_least_one and not node.entries:
                self.findings.add(node.line, "empty-list", key=name)
            return node.entries
        if not isinstance(node, Refused):
            self.findings.add(node.line, "not-list", key=name)
        return []

    def pairs(self, name: str) -> Iterator[tuple[str, int, Node]]:
        """The keys of an inner mapping that the file chooses itself, with their lines and values."""
        node = self.node(name)
        if isinstance(node, Mapping):
            for key, value in node.values.items():
                if not _KEY.fullmatch(key):
                    self.findings.add(node.key_lines[key], "bad-key", value=shown(key), limit=KEY_MAX)
                yield key, node.key_lines[key], value
        elif not isinstance(node, Refused):
            self.findings.add(node.line, "not-mapping", key=name)

    def number(self, name: str, low: int, high: int, default: int) -> int:
        node = self.node(name)
        if isinstance(node, Refused):
            return default
        if isinstance(node, Scalar) and node.plain and _WHOLE.fullmatch(node.value):
            number = int(node.value)
            if low <= number <= high:
                return number
        self.findings.add(node.line, "not-number", key=name, low=low, high=high)
        return default

    def flag(self, name: str, default: bool) -> bool:
        node = self.node(name)
        if isinstance(node, Refused):
            return default
        if isinstance(node, Scalar) and node.plain and node.value.lower() in _FLAGS:
            return _FLAGS[node.value.lower()]
        self.findings.add(node.line, "not-flag", key=name)
        return default

    def span(self, name: str) -> tuple[int, int] | None:
        """Weeks written as `3` or `1-2`; None when missing or wrong."""
        node = self.node(name)
        if isinstance(node, Refused):
            return None
        match = _WEEKS.fullmatch(node.value) if isinstance(node, Scalar) else None
        if match is None:
            self.findings.add(node.line, "not-weeks", key=name)
            return None
        first = int(match[1])
        last = int(match[2] or first)
        if last < first:
            self.findings.add(node.line, "weeks-backwards", first=first, last=last)
            return None
        return first, last

    def text(self, name: str, limit: int = NAME_MAX, *, several_lines: bool = False) -> Text:
        """A text in every language of the playbook; an empty one when the key is missing."""
        return self.text_of(self.node(name), name, limit, several_lines=several_lines)

    def text_of(self, node: Node, name: str, limit: int, *, several_lines: bool = False) -> Text:
        if isinstance(node, Refused):
            return Text()
        if not isinstance(node, Mapping):
            self.findings.add(node.line, "not-mapping", key=name)
            return Text()
        for language, line in node.key_lines.items():
            if language not in LANGUAGES:
                self.findings.add_unknown(line, "unknown-key", language, LANGUAGES, key=shown(language))
            elif language not in self.languages:
                self.findings.add(line, "undeclared-language", key=name, language=language)
        written: dict[str, str] = {}
        for language in self.languages:
            if language in node.values:
                written[language] = self._one_text(node.values[language], name, limit, several_lines)
            else:
                self.findings.add(node.line, "missing-language", key=name, language=language)
        return Text(**written)

    def _one_text(self, node: Node, name: str, limit: int, several_lines: bool) -> str:
        if isinstance(node, Refused):
            return ""
        if not isinstance(node, Scalar):
            self.findings.add(node.line, "not-text", key=name)
            return ""
        text = "" if node.plain and node.value in _NOTHING else tidy(node.value)
        if not text:
            self.findings.add(node.line, "empty-text", key=name)
        elif len(text) > limit:
            self.findings.add(node.line, "too-long", key=name, length=len(text), limit=limit)
        # Escapes in quotes ("\0") can bring in what the file itself may not hold.
        if invisible := first_unprintable(text):
            self.findings.add(node.line, "unprintable", character=f"U+{ord(invisible):04X}")
        if not several_lines and len(text.splitlines()) > 1:
            self.findings.add(node.line, "several-lines", key=name)
        return text
