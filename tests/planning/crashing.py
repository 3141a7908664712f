"""A process that adds items for ever and says after each commit what it confirmed; it is there to be killed."""

from __future__ import annotations

import sys

from program import create_app
from program.ground import database
from program.ground.actor import Origin, system
from program.planning.items import ItemDraft, add_items
from program.settings import Settings

ITEMS_PER_ACT = 3


def main(url: str, program_id: int) -> None:
    """Add three items an act, each act one transaction."""
    app = create_app(Settings(database_url=url, secret_key="a key for tests only"))
    act = 0
    with app.app_context():
        while True:
            act += 1
            with database.transaction():
                drafts = [ItemDraft(f"Act {act}, item {n}", tags=("kept",)) for n in range(ITEMS_PER_ACT)]
                add_items(system(Origin.CLI), program_id, drafts, batch=f"act-{act}")
            sys.stdout.write(f"{act}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
