"""Keeping freed memory for the next step."""

from __future__ import annotations

import torch

# glibc's largest dynamic threshold is 32 MiB, the block's header included.
BLOCK_BYTES = 31 * 2**20


def keep_freed_memory() -> None:
    """Stop the C library from handing each step's tensors back to the system.

    glibc maps blocks above a threshold afresh and trims its heap at twice that threshold, so that every
    Levenberg-Marquardt step faulted in the same pages again: a third to a half of its time on 1,000 rows.
    Freeing one mapped block raises the threshold to the block's size (mallopt(3), M_MMAP_THRESHOLD); it is
    never touched, so it costs no memory. Elsewhere than under glibc this does nothing.
    """
    torch.empty(BLOCK_BYTES, dtype=torch.uint8)
