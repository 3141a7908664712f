"""The `milepost` command. Each group of commands lives in its own module and is hung up here."""

from __future__ import annotations

import click

from program.cli import clock, plugins, programs, serving, users
from program.cli.bench import bench
from program.cli.demo import demo
from program.cli.doctor import doctor
from program.cli.plugins import WithPlugins


@click.group(cls=WithPlugins, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="milepost")
def main() -> None:
    """Run an omnichannel transformation from discovery to optimisation."""


main.add_command(bench)
main.add_command(clock.clock)
main.add_command(clock.tick)
main.add_command(demo)
main.add_command(doctor)
main.add_command(plugins.plugin)
main.add_command(programs.program)
main.add_command(serving.serve)
main.add_command(serving.upgrade)
main.add_command(users.user)
