"""The command `kan`: the only part of kancli that prints, exits and uses typer and rich."""

from kancli.cli.entry import main, run

__all__ = ["main", "run"]
