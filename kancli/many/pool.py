"""Processes that stay: each takes one unit after another, so that imports are paid once per process."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from kancli.processes import end_with_parent

Given = TypeVar("Given")


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    index: int


def each_in_processes(
    function: Callable[[Given], Any], units: Sequence[Given], jobs: int, lost: Callable[[Given, str], Any]
) -> Iterator[tuple[int, Any]]:
    """(index, what `function` gives for that unit), as they come.

    A process that is ended from outside loses the unit that it had, which is `lost(unit, why)`; another takes its
    place. Closing the iterator ends all of them.
    """
    context = multiprocessing.get_context("fork")
    workers: list[_Worker] = []
    following = iter(range(len(units)))

    def start(index: int) -> None:
        here, there = context.Pipe()
        others = [worker.connection for worker in workers]
        process = context.Process(target=_serve, args=(function, there, os.getpid(), [here, *others]))
        process.start()
        there.close()
        here.send(units[index])
        workers.append(_Worker(process, here, index))

    try:
        for index in (i for _, i in zip(range(jobs), following, strict=False)):
            start(index)
        while workers:
            ready = wait([worker.connection for worker in workers])
            for worker in [w for w in workers if w.connection in ready]:
                done = worker.index
                try:
                    result = worker.connection.recv()
                    alive = True
                except (EOFError, ConnectionResetError):
                    worker.process.join()
                    result = lost(units[done], f"its process ended with code {worker.process.exitcode}")
                    alive = False
                index = next(following, -1)
                if alive and index >= 0:
                    worker.index = index
                    worker.connection.send(units[index])
                else:
                    _end(worker)
                    workers.remove(worker)
                    if index >= 0:
                        start(index)
                yield done, result
    finally:
        for worker in workers:
            _end(worker)


def _end(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join()
    worker.connection.close()


def _serve(
    function: Callable[[Any], Any], connection: Connection, parent: int, others: Sequence[Connection]
) -> None:
    end_with_parent(parent)
    # Ctrl-C reaches the whole group of processes; the parent decides what becomes of them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in others:
        other.close()
    while True:
        try:
            unit = connection.recv()
        except EOFError:
            return
        connection.send(function(unit))
