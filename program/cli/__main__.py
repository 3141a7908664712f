"""`python -m program.cli` is the `milepost` command."""

from program.cli import main

main(prog_name="milepost")
