"""Every failure that a user can cause or meet, with the exit code that it ends in.

An error is one line stating what is wrong and where, with a hint on what to do next. Only the
command line prints them and exits; everything below raises.
"""

from __future__ import annotations


class KanError(Exception):
    """The root: `message` is one line, `hint` (one line too) names the next thing to try."""

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(KanError):
    """A flag or an argument that is not valid: an unknown edge, a width that does not match the data."""

    exit_code = 2


class DataError(KanError):
    """The table cannot be used as it is; the message starts with file:line:column where known."""

    exit_code = 3


class RecipeError(KanError):
    """A recipe that cannot be read; the message has one `file:line:column: key: …` line per problem."""

    exit_code = 4


class CheckpointError(KanError):
    """A checkpoint that is missing, damaged, or written by a newer version."""

    exit_code = 5


class FitError(KanError):
    """The fit failed: no restart gave a finite network, or no formula could be evaluated."""

    exit_code = 6


class UnprintableFormula(FitError):
    """A formula that, printed and read again, does not give its own values on the rows."""


class QualityError(KanError):
    """A quality gate such as `--require-r2` was missed."""

    exit_code = 7


class MissingDependencyError(KanError):
    """An optional package, program or device that this command needs is missing."""

    exit_code = 8
