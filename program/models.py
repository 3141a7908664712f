"""All tables of all rooms in one import, for migrations and tests that need the whole schema."""

from program.ground.audit import AuditEntry
from program.people import models as people
from program.planning import models as planning
from program.playbooks import models as playbooks

__all__ = ["AuditEntry", "people", "planning", "playbooks"]
