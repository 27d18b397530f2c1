"""Standard output for the result, standard error for remarks on it."""

from __future__ import annotations

import json
import math
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kancli.cli.output.aside import ASIDE
from kancli.cli.output.encoding import unicode
from kancli.visible import shortened, visible

if TYPE_CHECKING:
    from rich.console import Console

# Of a long text written in one piece, Python does not notice that the reader has gone in the middle of it.
PIECE = 1 << 16
# Characters of a line about a failure, which repeats what was given: of a longer one the place and the reason remain.
LONGEST = 2000


@dataclass
class Streams:
    """What the global flags set about output. One value for a whole invocation: a flag given before
    the verb and one given after it add up."""

    quiet: bool = False
    verbose: bool = False
    json: bool = False
    no_color: bool = False
    debug: bool = False
    events: bool = False
    """Whether standard error has one JSON object per line in place of words."""

    def result(self, text: str) -> None:
        """The result, or a part of it, as whole lines on standard output."""
        self.drawing(visible(text))

    def drawing(self, text: str) -> None:
        """The same for what has colours of its own, and nothing in it that comes from elsewhere as it is."""
        text = text if text.endswith("\n") else text + "\n"
        for start in range(0, len(text), PIECE):
            sys.stdout.write(text[start : start + PIECE])

    def data(self, text: str) -> None:
        """Rows of a table: for a program its own cells as they are, for a terminal as it may show them."""
        sys.stdout.write(visible(text) if sys.stdout.isatty() else text)

    def document(self, value: dict[str, Any]) -> None:
        """The one JSON document of `--json`; what is not a finite number is written as null."""
        escaped = not unicode()  # or the locale's own way of saying it would be no JSON
        self.result(json.dumps(_finite(value), ensure_ascii=escaped, allow_nan=False, default=_plain))

    def remark(self, text: str) -> None:
        """Something worth knowing about the result, on standard error; nothing with -q."""
        if self.quiet:
            return
        if self.events:
            self.event({"event": "remark", "text": text})
        else:
            self._say(text)

    def detail(self, text: str) -> None:
        """What only -v shows."""
        if self.verbose and self.events:
            self.event({"event": "detail", "text": text})
        elif self.verbose:
            self._say(text)

    def event(self, value: dict[str, Any]) -> None:
        """One JSON object as a line on standard error."""
        ASIDE.write(json.dumps(_finite({"kan": 1, **value}), allow_nan=False, default=_plain) + "\n")
        ASIDE.flush()

    def error(self, message: str, hint: str | None = None) -> None:
        """What went wrong and what to do next."""
        if self.events:
            self.event({"event": "error", "message": shortened(message, LONGEST), "hint": hint})
            return
        head, *more = (shortened(line, LONGEST) for line in message.strip("\n").split("\n"))
        mark = "\x1b[1;31merror:\x1b[0m" if self.color(ASIDE) else "error:"
        if more:
            self._say(f"{len(more) + 1} mistakes", before=f"kan: {mark} ")
            for line in (head, *more):
                self._say(line)
        else:
            self._say(head, before=f"kan: {mark} ")
        if hint:
            self._say(f"hint: {shortened(hint, LONGEST)}")

    def terminal(self, stream: Any = None) -> bool:
        """Whether a stream (by default standard output) is a terminal that can show more than lines."""
        stream = stream or sys.stdout
        return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"

    def color(self, stream: Any = None) -> bool:
        """Whether to use colour there. https://no-color.org"""
        return self.terminal(stream) and not self.no_color and not os.environ.get("NO_COLOR")

    def console(self, stream: Any = None) -> Console:
        """A rich console on a stream that is a terminal."""
        from rich.console import Console

        stream = stream or sys.stdout
        return Console(
            file=stream, no_color=not self.color(stream), highlight=False, emoji=False, markup=False
        )

    def _say(self, text: str, before: str = "") -> None:
        ASIDE.write(f"{before}{visible(text)}\n")
        ASIDE.flush()


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return value


def _plain(value: Any) -> Any:
    """NumPy numbers and paths as JSON has them."""
    if hasattr(value, "item"):
        return _finite(value.item())
    return str(value)
