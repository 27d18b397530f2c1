"""How much memory this process may use."""

from __future__ import annotations

import os
from pathlib import Path

# Where the system does not say how much memory it has.
USUAL = 1 << 33
# What a container may use, in bytes, or "max" (cgroup v2, as its root is seen from inside).
CONTAINER = Path("/sys/fs/cgroup/memory.max")


def memory() -> int:
    """Bytes of memory: the machine's, the container's or those of `ulimit -v`, whichever is least."""
    return min(_machine(), _container(), _limit())


def _machine() -> int:
    try:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # no POSIX
        return USUAL
    return found if found > 0 else USUAL


def _container() -> int:
    try:
        return int(CONTAINER.read_text())
    except (OSError, ValueError):  # none, or one without a bound
        return 1 << 62


def _limit() -> int:
    try:
        import resource
    except ImportError:  # no POSIX
        return 1 << 62
    found = resource.getrlimit(resource.RLIMIT_AS)[0]
    return 1 << 62 if found == resource.RLIM_INFINITY else found
