"""The command `kan`: the only part of kancli that prints, exits and uses typer and rich.

`frame` holds the process, the command tree and the flags, `commands` one file per command, `actions` what these do in
several steps or together, `output` all that is written, `manual` the manual made from the command tree, `documents`
the JSON Schemas of the output. The order of imports is in the import contract.
"""

from kancli.cli.frame.entry import main, run

__all__ = ["main", "run"]
