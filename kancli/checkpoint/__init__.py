"""Checkpoints: immutable, numbered, checksummed model files in run directories.

The only reader and writer of model files. Nothing here needs torch.
"""

from kancli.checkpoint.file import load, read_header
from kancli.checkpoint.resolve import resolve, split_member
from kancli.checkpoint.run import (
    Run,
    Version,
    metrics_log,
    new_run,
    read_run_info,
    require_place,
    runs,
    save,
    versions,
    write,
)
from kancli.checkpoint.value import FORMAT, JSON, Checkpoint, Parent

__all__ = [
    "FORMAT",
    "JSON",
    "Checkpoint",
    "Parent",
    "Run",
    "Version",
    "load",
    "metrics_log",
    "new_run",
    "read_header",
    "read_run_info",
    "require_place",
    "resolve",
    "runs",
    "save",
    "split_member",
    "versions",
    "write",
]
