"""Many commands in one process, in surroundings that a test chooses: `python surroundings.py MODE CALLS`.

CALLS is a JSON list of argument lists; one that is a single NAME=VALUE sets a variable of the environment instead.
MODE is `shown`: write as usual, after each command a line with its exit code between two \\0; or `unread`: each
command writes into a pipe whose reader has gone, and standard output then is one exit code a line.
"""

from __future__ import annotations

import json
import os
import sys

from kancli.cli import main


def shown(argv: list[str]) -> None:
    """Run with the streams as they are."""
    code = main(argv)
    sys.stderr.flush()
    sys.stdout.write(f"\0{code}\0\n")
    sys.stdout.flush()


def unread(argv: list[str], report: int) -> None:
    """Run with a standard output that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    os.dup2(writer, 1)
    os.close(writer)
    os.write(report, f"{main(argv)}\n".encode())


if __name__ == "__main__":
    mode, calls = sys.argv[1], json.loads(sys.argv[2])
    aside = os.dup(1)
    for call in calls:
        name, equals, value = call[0].partition("=")
        if equals:
            os.environ[name] = value
        elif mode == "shown":
            shown(call)
        else:
            unread(call, aside)
    os.dup2(aside, 1)
