"""Processes that do not outlive the one that started them."""

from __future__ import annotations

import os
import threading
import time

# Seconds between two checks of the parent.
LOOK = 0.25


def end_with_parent(parent: int) -> None:
    """End this process soon after process number `parent`, which started it, has ended for any reason.

    A killed process cannot clean up: its own children would go on without a use for their results.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
