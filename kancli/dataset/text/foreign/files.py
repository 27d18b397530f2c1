"""Files near and far, and the packages that read them."""

from __future__ import annotations

import glob
import importlib
import os
from contextlib import ExitStack
from types import ModuleType
from typing import IO, Any

from kancli.dataset.text.foreign.address import Address, names_table
from kancli.errors import DataError, MissingDependencyError


def needed(module: str, what: str, extra: str) -> ModuleType:
    """A package of an extra. Raises MissingDependencyError that names it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise MissingDependencyError(f"{what} needs {package}", f"pip install 'kancli[{extra}]'") from None


def open_remote(url: str, stack: ExitStack) -> IO[bytes]:
    """A file that fsspec opens. Raises DataError where that fails."""
    fsspec = needed("fsspec", url, "cloud")
    try:
        file: Any = stack.enter_context(fsspec.open(url, "rb"))
    except ImportError as error:
        raise MissingDependencyError(f"{url}: {error}", "pip install what fsspec names") from None
    except FileNotFoundError:
        raise DataError(f"{url}: no such file") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{url}: cannot be read: {' '.join(str(error).split())}") from None
    found: IO[bytes] = file
    return found


def files_of(where: Address) -> list[str]:
    """The tables that a folder or a pattern stands for, sorted. Raises DataError where there is none."""
    if where.remote:
        fsspec = needed("fsspec", where.path, "cloud")
        system, _, paths = fsspec.get_fs_token_paths(where.path)
        found = [system.unstrip_protocol(path) for path in paths]
    elif os.path.isdir(where.path):
        found = [entry.path for entry in os.scandir(where.path) if entry.is_file()]
    else:
        found = [path for path in glob.glob(where.path, recursive=True) if os.path.isfile(path)]
    tables = sorted(path for path in found if names_table(path))
    if not tables:
        if not where.remote and os.path.isdir(where.path):
            raise DataError(f"{where.path}: is a directory, not a table")
        raise DataError(f"{where.path}: no table has such a name")
    return tables
