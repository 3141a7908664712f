"""Why a playbook was refused: file, line and a plain reason for each thing that is wrong in it.

A reason is a sentence with named gaps, kept apart from what fills them, so that a page can show it in its reader's
language: `problem.text(gettext)`. Without an argument it is English, and nothing here needs an app to be running.
`N_` marks the sentences for the extraction of translations (Babel knows the name by itself).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from difflib import get_close_matches
from typing import NoReturn

from program.ground.records import record

# A file with more wrong than this is not a playbook; the rest would only hide the first, which is the useful one.
PROBLEMS_MAX = 500
# Looking for a similar word costs time per candidate: enough for a person's slips, too few to stall a server.
GUESSES_MAX = 50


def N_(message: str) -> str:  # noqa: N802 - the name under which Babel extracts it
    """The message as it is, marked for translation."""
    return message


DID_YOU_MEAN = N_("Did you mean “%(guess)s”?")

REASONS: Mapping[str, str] = {
    # The file as such
    "too-large": N_("The file is larger than %(limit)s KB."),
    "not-utf8": N_("The file is not saved as UTF-8: byte %(byte)s cannot be read. Save it as UTF-8 and try again."),
    "unprintable": N_("The invisible character %(character)s cannot stand in a playbook. Delete it."),
    "empty-file": N_("The file is empty."),
    "syntax": N_("This is not valid YAML: %(detail)s."),
    "several-documents": N_("A second document starts here (---). A file holds one playbook."),
    "too-deep": N_("Values are nested deeper here than a playbook ever needs."),
    "anchor": N_("Anchors (&%(name)s) are not allowed. Write the value out where it is needed."),
    "alias": N_("References (*%(name)s) are not allowed. Write the value out where it is needed."),
    "tag": N_("YAML tags (%(name)s) are not allowed. Leave it out."),
    "too-many-items": N_("A playbook may have %(limit)s items at most; this one has %(count)s."),
    "too-many-problems": N_("The file has still more problems. Repair those above first."),
    # Keys and types
    "key-not-text": N_("A key must be a plain word."),
    "duplicate-key": N_("“%(key)s” is given twice; the first time on line %(first)s."),
    "unknown-key": N_("“%(key)s” is not a key that can stand here."),
    "missing-key": N_("“%(key)s” is missing."),
    "not-mapping": N_("“%(key)s” must hold keys with values."),
    "not-list": N_("“%(key)s” must be a list."),
    "not-text": N_("“%(key)s” must be a text."),
    "not-number": N_("“%(key)s” must be a whole number from %(low)s to %(high)s."),
    "not-flag": N_("“%(key)s” must be true or false."),
    "not-weeks": N_("“%(key)s” must be a week (3) or a span of weeks (1-2)."),
    "empty-list": N_("“%(key)s” must have at least one entry."),
    "repeated": N_("“%(value)s” is listed twice."),
    # Texts
    "empty-text": N_("“%(key)s” is empty."),
    "missing-language": N_("“%(key)s” has no text in the language “%(language)s”."),
    "undeclared-language": N_("“%(key)s” has a text in “%(language)s”, which is not among the playbook's languages."),
    "unknown-language": N_("“%(value)s” is not a language of the product. There are: %(known)s."),
    "too-long": N_("“%(key)s” is %(length)s characters long; %(limit)s are allowed."),
    "several-lines": N_("“%(key)s” must be a single line."),
    # Names of things
    "bad-key": N_("“%(value)s” cannot be a key: use small letters a to z, digits and hyphens, %(limit)s at most."),
    "taken": N_("The key “%(value)s” is already used on line %(first)s."),
    "unknown-role": N_("There is no role “%(value)s”."),
    "unknown-kpi": N_("There is no KPI with the code “%(value)s”."),
    "unknown-channel": N_("There is no customer channel “%(value)s”."),
    "unknown-kind": N_("There is no kind “%(value)s” here."),
    "unknown-tag": N_("The tag “%(value)s” is not among the playbook's tags."),
    "unknown-block": N_("The phase has no block “%(value)s”."),
    "unknown-item": N_("There is no item “%(value)s” in the playbook."),
    "computed-criterion": N_("The criterion “%(value)s” stands in every gate by itself. Leave it out."),
    "needless-text": N_("The criterion “%(value)s” has words of its own. Leave its text out."),
    # Weeks and order
    "weeks-backwards": N_("The weeks %(first)s-%(last)s run backwards."),
    "milestone-span": N_("A milestone falls in one week, not in weeks %(first)s-%(last)s."),
    "outside-phase": N_("Week %(last)s lies outside the phase, which has weeks 1 to %(weeks)s."),
    "outside-block": N_("Weeks %(first)s-%(last)s lie outside the block “%(block)s”, weeks %(from)s-%(to)s."),
    "first-phase-shifted": N_("The first phase cannot overlap or wait: no phase comes before it."),
    "overlap-too-long": N_("The phase before has %(weeks)s weeks; this one cannot overlap it by %(overlap)s."),
    "overlap-and-gap": N_("A phase can overlap the one before or wait after it, not both."),
    "circle": N_("The items wait for each other in a circle: %(path)s."),
}


@record
class Problem:
    """One thing that is wrong: where (lines count from 1), which kind (a key of REASONS), and the facts of the case."""

    file: str
    line: int
    code: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def template(self) -> str:
        return REASONS[self.code]

    def text(self, translate: Callable[[str], str] = str) -> str:
        """The reason as one or two sentences; pass `flask_babel.gettext` for the reader's language."""
        sentence = translate(self.template) % self.values
        if "guess" in self.values:
            sentence += " " + translate(DID_YOU_MEAN) % self.values
        return sentence

    @property
    def reason(self) -> str:
        return self.text()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text()}"


class PlaybookError(ValueError):
    """A playbook that was refused, with everything found wrong in it, in the order of the lines."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Findings:
    """Collects the problems of one file while it is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._guesses_left = GUESSES_MAX

    def add(self, line: int, code: str, **values: object) -> None:
        """Notes a problem and goes on, unless there are too many already: then raises PlaybookError."""
        if len(self.problems) >= PROBLEMS_MAX:
            self.refuse(line, "too-many-problems")
        self.problems.append(Problem(self.file, line, code, values))

    def add_unknown(self, line: int, code: str, word: str, known: Iterable[str], **values: object) -> None:
        """Notes a word that is not known, with the nearest known one if there is a near one."""
        if self._guesses_left > 0 and len(word) <= 80:
            self._guesses_left -= 1
            near = get_close_matches(word.lower(), {one.lower(): one for one in known}, n=1)
            if near:
                values["guess"] = next(one for one in known if one.lower() == near[0])
        self.add(line, code, **values)

    def refuse(self, line: int, code: str, **values: object) -> NoReturn:
        """Notes a problem after which nothing more can be read, and raises PlaybookError with all there is."""
        self.problems.append(Problem(self.file, line, code, values))
        raise self._error()

    def raise_if_any(self) -> None:
        """Raises PlaybookError if anything was noted."""
        if self.problems:
            raise self._error()

    def _error(self) -> PlaybookError:
        return PlaybookError(tuple(sorted(self.problems, key=lambda problem: problem.line)))
