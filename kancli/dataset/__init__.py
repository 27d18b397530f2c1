"""Tables in, datasets out: the only part of kancli that reads or writes tables.

`read_dataset` is for fitting (target, held-out rows, constant columns set aside), `read_columns` for
the named columns as they are, `read_chunks` for the same of a table of any size. pandas parses the
numbers, as exactly as Python's own float(); it is imported when the first table is read, as it takes
longer than a small table.
"""

from kancli.dataset.chunks import Chunk, Chunks, read_chunks
from kancli.dataset.reader import read_columns, read_dataset
from kancli.dataset.storage import load_table, save_table
from kancli.dataset.value import Dataset, Scaling, scaling

__all__ = [
    "Chunk",
    "Chunks",
    "Dataset",
    "Scaling",
    "load_table",
    "read_chunks",
    "read_columns",
    "read_dataset",
    "save_table",
    "scaling",
]
