"""All tables of all rooms in one import, for migrations and tests that need the whole schema."""

from program.change import models as change
from program.clock import models as clock
from program.exports import models as exports
from program.ground.audit import AuditEntry
from program.kpis import models as kpis
from program.outbox import models as outbox
from program.people import models as people
from program.planning import models as planning
from program.playbooks import models as playbooks
from program.plugin_api import models as plugins
from program.pulse import models as pulse
from program.steering import models as steering
from program.team import models as team

__all__ = [
    "AuditEntry",
    "change",
    "clock",
    "exports",
    "kpis",
    "outbox",
    "people",
    "planning",
    "playbooks",
    "plugins",
    "pulse",
    "steering",
    "team",
]
