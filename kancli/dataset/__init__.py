"""Tables in, datasets out: the only part of kancli that reads or writes tables.

`read_dataset` is for fitting (target, held-out rows, constant columns set aside), `read_table` the same for a table
of any size, `from_memory` the same from data frames and arrays, `read_untargeted` for columns none of which is the
target, `read_columns` for the named columns unchanged, `read_chunks` for the same from a table of any size;
`profile`, `findings` and `choose` examine a table before anything is fitted to it. pandas parses the numbers, as
exactly as Python's own float(); it is imported when the first table is read, as it takes longer than a small table.
"""

from kancli.dataset.apart import apart, folds
from kancli.dataset.arrays import frame_of, from_memory, rows_of
from kancli.dataset.chunks import Chunk, Chunks, read_chunks
from kancli.dataset.grouped import GroupedTable, label_text, labels_of, read_grouped
from kancli.dataset.inspection.choice import Choice, choose
from kancli.dataset.inspection.findings import Finding, findings
from kancli.dataset.inspection.profile import Column, Profile, profile
from kancli.dataset.labels import Labelled, holds_labels, read_labelled
from kancli.dataset.large.door import read_table
from kancli.dataset.reader import Columns, read_columns, read_dataset, read_every, read_names, read_untargeted
from kancli.dataset.storage import load_table, save_table
from kancli.dataset.text.encodings import Encoding, from_metadata
from kancli.dataset.text.foreign.address import located
from kancli.dataset.value import Block, Dataset, Scaling, Whole, scaling

__all__ = [
    "Block",
    "Choice",
    "Chunk",
    "Chunks",
    "Column",
    "Columns",
    "Dataset",
    "Encoding",
    "Finding",
    "GroupedTable",
    "Labelled",
    "Profile",
    "Scaling",
    "Whole",
    "apart",
    "choose",
    "findings",
    "folds",
    "frame_of",
    "from_memory",
    "from_metadata",
    "holds_labels",
    "label_text",
    "labels_of",
    "load_table",
    "located",
    "profile",
    "read_chunks",
    "read_columns",
    "read_dataset",
    "read_every",
    "read_grouped",
    "read_labelled",
    "read_names",
    "read_table",
    "read_untargeted",
    "rows_of",
    "save_table",
    "scaling",
]
