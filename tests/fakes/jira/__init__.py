"""A Jira on a port of this machine, with a Cloud face and a Data Center face, as strict as the real ones.

    with running_jira() as jira:            # or running_jira(face="data_center")
        jira.world.person("Maria Zielińska", "maria@alfa.example")
        issue = jira.world.create({"summary": "…"})
        jira.world.edit(issue, summary="…")     # somebody in Jira
        jira.faults.lose_reply("POST", "/issue/bulk")
        jira.requests                           # everything that was asked, in order

The index lags by `world.lag` seconds of `world.now()`, pages are short when `world.page` says so, and times are those
of `world.zone`. See `world.py` for what there is, `api.py` for what it answers, `faults.py` for what goes wrong.
"""

from tests.fakes.jira.faults import Faults
from tests.fakes.jira.server import Jira, running_jira
from tests.fakes.jira.world import Issue, World

__all__ = ["Faults", "Issue", "Jira", "World", "running_jira"]
