"""The forms of roles: what one is, and what to take over from the catalogue. The verbs judge (`team/roles.py`)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice

from program.ground.formats import current_locale
from program.people.forms import EditForm
from program.planning.forms.fields import NumberField, line, paragraph
from program.playbooks.skills import SkillGroup, skills
from program.team.models import ProgramRole
from program.team.role_words import role_name, role_purpose, role_responsibilities
from program.team.roles import MAX_NAME, MAX_PURPOSE, MAX_RESPONSIBILITIES

LEVELS = [
    SelectChoice("0", _l("not needed")),
    SelectChoice("1", _l("1: basics")),
    SelectChoice("2", _l("2: works alone")),
    SelectChoice("3", _l("3: could teach it")),
]
GROUP_WORDS: dict[str, Any] = {
    SkillGroup.TECHNICAL: _l("Technical skills"),
    SkillGroup.ANALYTICAL: _l("Analytical skills"),
    SkillGroup.SOFT: _l("Soft skills"),
}
_SKILL = "skill_"


class RoleFields(FlaskForm):
    """What a role is, without its skills, which `_with_skills` adds from the catalogue."""

    name = line(_l("Name"), MAX_NAME, _l("Give it a name."))
    purpose = line(_l("What it is for"), MAX_PURPOSE, description=_l("One sentence."))
    responsibilities = paragraph(
        _l("What it answers for"), MAX_RESPONSIBILITIES, description=_l("One responsibility a line.")
    )
    share_low = NumberField(_l("Usual share of time, from percent"), render_kw={"inputmode": "numeric"})
    share_high = NumberField(_l("up to percent"), render_kw={"inputmode": "numeric"})
    is_required = BooleanField(
        _l("Required"),
        description=_l("While nobody plays it, it is a vacancy: it shows on This week and at gates that ask for it."),
    )

    def values(self) -> dict[str, Any]:
        """What was typed, as the verbs take it."""
        return {
            "name": self.name.data,
            "purpose": self.purpose.data,
            "responsibilities": self.responsibilities.data,
            "share_low": self.share_low.data,
            "share_high": self.share_high.data,
            "is_required": self.is_required.data,
            "skills": {key: int(self[_SKILL + key].data) for key in skills() if self[_SKILL + key].data != "0"},
        }

    def skill_groups(self) -> list[tuple[Any, list[Any]]]:
        """The fields of the skills, group by group."""
        return [
            (word, [self[_SKILL + key] for key, skill in skills().items() if skill.group == group])
            for group, word in GROUP_WORDS.items()
        ]

    @property
    def wrong_skills(self) -> bool:
        """True when one of the skills has an error, so that their part of the form is opened."""
        return any(self[_SKILL + key].errors for key in skills())

    def begin(self, role: ProgramRole) -> None:
        """Fill in the role as its readers see it."""
        self.name.data = role_name(role.key, role.name)
        self.purpose.data = role_purpose(role.key, role.purpose)
        self.responsibilities.data = "\n".join(role_responsibilities(role.key, role.responsibilities))
        self.share_low.data, self.share_high.data = role.share_low, role.share_high
        self.is_required.data = role.is_required
        for key in skills():
            self[_SKILL + key].data = str(role.skills.get(key, 0))


def _name_of_skill(key: str) -> str:
    return skills()[key].name.in_(current_locale())


def _skill_fields() -> dict[str, Any]:
    return {_SKILL + key: SelectField(LazyString(_name_of_skill, key), choices=LEVELS, default="0") for key in skills()}


NewRoleForm: Any = type("NewRoleForm", (RoleFields,), {"__doc__": "A role that does not exist yet.", **_skill_fields()})
RoleForm: Any = type("RoleForm", (EditForm, RoleFields), {"__doc__": "A role that is changed.", **_skill_fields()})
