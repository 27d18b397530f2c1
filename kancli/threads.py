"""The threads of torch, whether it is loaded or will be: a law that is found without a network never loads it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

OPENMP = "OMP_NUM_THREADS"
"""What torch reads when it is imported."""


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def set_torch_threads(threads: int) -> None:
    """Let torch use so many threads, now or from when it is imported."""
    os.environ[OPENMP] = str(threads)
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(threads)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread inside the context: the processes of a search are forked, and two threads on a
    thousand rows are slower than one."""
    loaded, asked = sys.modules.get("torch"), os.environ.get(OPENMP)
    before = loaded.get_num_threads() if loaded else int(asked or cores())
    set_torch_threads(1)
    try:
        yield
    finally:
        set_torch_threads(before)
        if asked is None:
            del os.environ[OPENMP]
        else:
            os.environ[OPENMP] = asked
