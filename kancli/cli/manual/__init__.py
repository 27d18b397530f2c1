"""The manual: every command with its arguments and options, generated from the commands themselves.

`kan.md` and `kan.1` beside this file are written by `kan man`; a test checks that they are current.
"""

from kancli.cli.manual.pages import Manual, manual

__all__ = ["Manual", "manual"]
