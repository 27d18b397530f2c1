"""Processes that do not outlive the one that started them."""

from __future__ import annotations

import os
import threading
import time

# Seconds between two looks at who the parent is.
LOOK = 0.25


def end_with_parent(parent: int) -> None:
    """End this process soon after process number `parent`, which started it, has ended, however that came.

    A process that is killed cannot clean up after itself: its own children would work on for nobody.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
