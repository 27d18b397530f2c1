"""Units of work in processes of their own: in parallel, in order, and ended when the time is over.

Each task is a call without arguments in a forked child: it sees all that the parent has loaded, and can be
killed, which is what makes a time limit a promise. Results come back in the order of the tasks, so what is
done with them does not depend on how many run at once.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from kancli.processes import end_with_parent
from kancli.work import OutOfWorkError, allowance, spent

Result = TypeVar("Result")


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

    Closing the iterator ends what still runs.
    """
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
    result, failure = None, None
    try:
        with allowance(limit):
            result = task()
    except OutOfWorkError:
        failure = "took too long"
    except Exception as problem:  # one failed attempt must not end the search
        failure = f"{type(problem).__name__}: {problem}"
    sender.send((result, failure, spent() - before))
    sender.close()
