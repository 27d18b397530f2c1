"""The manual: what every command is and takes, from the commands themselves.

`kan.md` and `kan.1` beside this file are written by `kan man`; a test holds them to be current.
"""

from kancli.cli.manual.pages import Manual, manual

__all__ = ["Manual", "manual"]
