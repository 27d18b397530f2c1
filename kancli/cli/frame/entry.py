"""The outermost ring: environment, signals, and which failure ends in which exit code."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn, TextIO

from kancli.cli.output.aside import ASIDE
from kancli.cli.output.encoding import ERRORS, register
from kancli.cli.signals import Terminated, check, raised

if TYPE_CHECKING:
    from kancli.cli.output.streams import Streams

INTERRUPTED, CLOSED_PIPE, TERMINATED = 130, 141, 143
COMPLETE = "_KAN_COMPLETE"
"""Set by the shell when it requests completions."""
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main(argv: Sequence[str] | None = None) -> int:
    """Run `kan` with these arguments (by default the process's own) and return the exit code."""
    # NumPy and torch read these when they are imported. Two threads that share a busy machine make a
    # thousand-row matrix product many times slower; --threads and the user's own setting win.
    for variable in THREAD_VARIABLES:
        os.environ.setdefault(variable, "1")
    _usable_streams()

    try:
        with raised():
            return _guarded(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        return _ended("interrupted", INTERRUPTED)
    except Terminated:
        return _ended("terminated", TERMINATED)


def run() -> NoReturn:
    """Run `kan` as a process of its own: `main`, then leave without taking torch apart.

    Tearing down the interpreter with torch loaded takes a sixth of a short run and does nothing that the end
    of the process would not; the collector would repeatedly examine modules that are never freed.
    """
    gc.set_threshold(100_000, 20, 20)
    if not sys.warnoptions:
        # What a trial formula does on some row is no news; what becomes of it is told in words.
        warnings.simplefilter("ignore", RuntimeWarning)
    code = main()
    try:
        atexit._run_exitfuncs()
        sys.stdout.flush()
    except BrokenPipeError:
        code = code or CLOSED_PIPE
    ASIDE.flush()
    os._exit(code)


def _guarded(argv: list[str]) -> int:
    """Run, and turn every failure into an exit code and at most two lines on standard error."""
    from typer import Abort, BadParameter, Exit

    from kancli.cli.output.streams import Streams
    from kancli.errors import KanError

    streams = Streams()
    usage_error: type[Exception] = BadParameter.__bases__[
        0
    ]  # typer exposes click's classes only under this name
    try:
        _run(argv, streams)
        sys.stdout.flush()
    except Exit as done:
        return _flushed(int(done.exit_code))
    except KanError as error:
        streams.error(error.message, error.hint)
        return error.exit_code
    except BrokenPipeError:
        _discard(sys.stdout)
        return CLOSED_PIPE
    except Abort:
        return _ended("interrupted", INTERRUPTED)
    except usage_error as error:
        streams.error(_usage(error), _usage_hint(error))
        return 2
    except Exception as error:
        # A package whose import is cut short by a signal may raise something else instead.
        check()
        _show_traceback(streams)
        _unexpected(error, streams)
        return 1
    return 0


def _usable_streams() -> None:
    """Replace closed streams (`<&-`, `>&-`), and let a locale without ² show a plain sign: no reason to fail."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115  lives as long as the process
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  lives as long as the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    register()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=ERRORS)


def _run(argv: list[str], streams: Streams) -> None:
    from typer import Exit

    from kancli.cli.frame.app import build

    command = build()
    if COMPLETE in os.environ:
        try:
            command.main(argv, prog_name="kan", complete_var=COMPLETE)
        except SystemExit as done:
            # typer reports an unknown instruction or shell itself, and exits with 1.
            if done.code != 1:
                raise
            raise Exit(2) from None
        return
    with command.make_context("kan", argv, obj=streams) as context:
        command.invoke(context)


def _ended(word: str, code: int) -> int:
    """A signal may come before anything is imported, so this needs nothing."""
    ASIDE.write(f"kan: error: {word}\n")
    # CPython ends by the signal instead of this code when the interrupt came while some package executed
    # a string (dataclasses do), even though it was caught; executing another string clears that note.
    exec("")
    return code


def _show_traceback(streams: Streams) -> None:
    if streams.debug:
        import traceback

        ASIDE.write(traceback.format_exc())


def _flushed(code: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _discard(sys.stdout)
        return CLOSED_PIPE
    return code


def _discard(stream: TextIO) -> None:
    """Redirect a stream whose reader has gone, or Python reports an error when it flushes at exit."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)


def _usage(error: Exception) -> str:
    message = str(error.format_message()) if hasattr(error, "format_message") else str(error)
    message = _one_line(message).rstrip(".")
    return message[:1].lower() + message[1:]


def _usage_hint(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path if context else 'kan'} --help lists its arguments and options"


def _unexpected(error: Exception, streams: Streams) -> None:
    """What no class of errors.py stands for: memory, a full disk behind standard output, a mistake of kancli."""
    if _is_lack_of_memory(error):
        streams.error("not enough memory", "try fewer --restarts, a coarser --grid or fewer rows")
    elif isinstance(error, OSError):
        _discard(sys.stdout)
        streams.error(f"{error.filename or 'standard output'}: {error.strerror or error}")
    else:
        name = type(error).__name__
        streams.error(f"internal error: {name}: {_one_line(error)}", "--debug shows the traceback")


def _is_lack_of_memory(error: Exception) -> bool:
    """Python's own error, torch's, or the system's when it loads a library."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, ImportError | OSError | RuntimeError)
        and any(words in text for words in ("allocate memory", "not enough memory", "failed to map segment"))
    )


def _one_line(text: object) -> str:
    return " ".join(str(text).split())
