"""`milepost bench`: how fast every page is, beside a bare Flask page measured in the same run.

Neighbours: `seeding.py` (a large instance), `floor.py` (the bare page), `serving.py` (servers and their memory),
`load.py` (clients with a stop-watch), `clocks.py` (messages), `command.py` (the report).
"""

from program.cli.bench.command import bench

__all__ = ["bench"]
