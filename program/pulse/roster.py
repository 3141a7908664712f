"""How many came and went from one round to the next: all that the pulse has to know to compare two rounds safely.

From the people of a closed round stays, until the next one closes, a list of codes with the part each counted in. A
code is a hash keyed with the instance's key, so that the database alone names nobody; no answer has ever stood under
it. From two lists follow counts, and these are all that is kept with a round.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from program.extensions import db
from program.pulse.models import Roster
from program.pulse.side_by_side import UNKNOWN, Turnover


def code(instance_key: str, survey_id: int, person_id: int) -> str:
    """The code of a person on a survey's list: 64 hexadecimal digits."""
    key = hmac.digest(instance_key.encode(), b"milepost.pulse.roster", hashlib.sha256)
    return hmac.new(key, f"{survey_id}:{person_id}".encode(), hashlib.sha256).hexdigest()


def take(survey_id: int, instance_key: str, part_of: Mapping[int, str]) -> dict[str, Any]:
    """Put those who were asked (person id -> part) on the survey's list in place of the last ones.

    Returns the figures that a round keeps: {'asked': {part: n}, 'all': [joined, left], 'parts': {part: [joined,
    left]}}.
    """
    rows = db.session.execute(select(Roster.code, Roster.part).where(Roster.survey_id == survey_id))
    before = {row.code: row.part for row in rows}
    now = {code(instance_key, survey_id, person_id): part for person_id, part in part_of.items()}
    db.session.execute(delete(Roster).where(Roster.survey_id == survey_id))
    if now:
        listed = [{"survey_id": survey_id, "code": one, "part": now[one]} for one in sorted(now)]
        db.session.execute(insert(Roster), listed)
    joined = Counter(part for one, part in now.items() if before.get(one) != part)
    left = Counter(part for one, part in before.items() if now.get(one) != part)
    return {
        "asked": dict(sorted(Counter(part_of.values()).items())),
        "all": [len(now.keys() - before.keys()), len(before.keys() - now.keys())],
        "parts": {part: [joined[part], left[part]] for part in sorted({*joined, *left})},
    }


def added_up(kept: Sequence[Mapping[str, Any] | None]) -> tuple[Turnover, dict[str, Turnover], bool]:
    """Who came and went over several rounds, at most: altogether, by part, and whether that is known of all of them."""
    everybody, parts = Turnover(), dict[str, Turnover]()
    for one in kept:
        if one is None:
            return UNKNOWN, {}, False
        everybody += Turnover(*one["all"])
        for part, figures in one["parts"].items():
            parts[part] = parts.get(part, Turnover()) + Turnover(*figures)
    return everybody, parts, True
