"""Units of work in processes of their own: in parallel, in order, and ended when the time is over.

Each task is a call without arguments in a forked child: it sees all that the parent has loaded, and can be
killed, which is what makes a time limit a promise. Results come back in the order of the tasks, so what is
done with them does not depend on how many run at once.

Many small searches, each in a process that does nothing else, run their tasks there: a fork takes longer than most
tasks of a table of forty rows.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from kancli.processes import end_with_parent
from kancli.work import OutOfWorkError, add, allowance, spent

Result = TypeVar("Result")

# The number of jobs that stands for this very process.
HERE = 0


@dataclass(frozen=True)
class Outcome(Generic[Result]):
    """`result` of task number `index`; or why there is none: `failure` is one line. `work`: the units it spent.
    `died`: how its process ended the first time, where it had to be started again."""

    index: int
    result: Result | None
    failure: str | None
    work: float = 0.0
    died: str | None = None


def in_order(
    tasks: Sequence[Callable[[], Result]], *, jobs: int, deadline: float, limit: float = math.inf
) -> Generator[Outcome[Result]]:
    """Outcomes of all tasks, in their order.

    A task that has spent `limit` units of work ends without a result. One whose process is ended by something else,
    such as a system that is short of memory, is started once again. At `deadline` (monotonic seconds) all that run
    are killed, and TimeoutError is raised in place of the next outcome.

    With `jobs` HERE the tasks run in this process, which must be its main thread, each when its outcome is asked for.
    Closing the iterator ends what still runs.
    """
    if jobs == HERE:
        yield from _here(tasks, deadline, limit)
        return
    context = multiprocessing.get_context("fork")
    running: dict[int, tuple[BaseProcess, Connection]] = {}
    done: dict[int, Outcome[Result]] = {}
    died: dict[int, str] = {}
    started = 0

    def start(number: int) -> None:
        receiver, sender = context.Pipe(duplex=False)
        process: BaseProcess = context.Process(
            target=_work, args=(tasks[number], sender, os.getpid(), limit), daemon=True
        )
        process.start()
        sender.close()
        running[number] = process, receiver

    try:
        for index in range(len(tasks)):
            while index not in done:
                while started < len(tasks) and len(running) < jobs:
                    start(started)
                    started += 1
                left = deadline - time.monotonic()
                timeout = None if math.isinf(left) else max(left, 0.0)
                ready = wait([c for _, c in running.values()], timeout=timeout)
                if not ready and time.monotonic() >= deadline:
                    raise TimeoutError
                for number, (worker, connection) in list(running.items()):
                    if connection in ready:
                        outcome: Outcome[Result] | None = _received(number, connection)
                        worker.join()
                        del running[number]
                        if outcome is None and number not in died:
                            died[number] = _how(worker.exitcode)
                            start(number)
                            continue
                        ended = Outcome[Result](number, None, f"its process {_how(worker.exitcode)}, twice")
                        done[number] = replace(outcome or ended, died=died.get(number))
            yield done.pop(index)
    finally:
        for pair in running.values():
            _end(*pair)


class _Alarm(BaseException):
    """The deadline, within a task: no handler of what may go wrong in it catches this."""


def _here(tasks: Sequence[Callable[[], Result]], deadline: float, limit: float) -> Generator[Outcome[Result]]:
    for index, task in enumerate(tasks):
        try:
            with _alarm_at(deadline):
                result, failure = _tried(task, limit)
        except _Alarm:
            raise TimeoutError from None
        add(0.0)  # what is over the allowance of the whole search ends that, as the sum of a process would
        yield Outcome(index, result, failure)


@contextmanager
def _alarm_at(deadline: float) -> Iterator[None]:
    """Within it, _Alarm is raised at the deadline, which is monotonic seconds."""
    if math.isinf(deadline):
        yield
        return

    def ring(number: int, frame: object) -> None:
        raise _Alarm

    before = signal.signal(signal.SIGALRM, ring)
    try:
        # Again and again: a package that is being imported may swallow an exception.
        signal.setitimer(signal.ITIMER_REAL, max(deadline - time.monotonic(), 1e-3), 0.2)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def _tried(task: Callable[[], Result], limit: float) -> tuple[Result | None, str | None]:
    """What a task gives, or why it gives nothing."""
    try:
        with allowance(limit):
            return task(), None
    except OutOfWorkError:
        return None, "took too long"
    except Exception as problem:  # one failed attempt must not end the search
        return None, f"{type(problem).__name__}: {problem}"


def _end(process: BaseProcess, connection: Connection) -> None:
    process.kill()
    process.join()
    connection.close()


def _how(code: int | None) -> str:
    """How a process has ended that said nothing."""
    return f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"


def _received(index: int, receiver: Connection) -> Outcome[Any] | None:
    """None where the process ended without a word."""
    try:
        result, failure, work = receiver.recv()
    except (EOFError, ConnectionResetError):
        return None
    finally:
        receiver.close()
    return Outcome(index, result, failure, work)


def _work(task: Callable[[], Any], sender: Connection, parent: int, limit: float) -> None:
    end_with_parent(parent)
    # Ctrl-C reaches the whole group of processes; the parent decides what becomes of a task.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    before = spent()
    result, failure = _tried(task, limit)
    sender.send((result, failure, spent() - before))
    sender.close()
