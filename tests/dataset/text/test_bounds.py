"""Tables without an end, and small files that hold too much: refused early, with little memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kancli import reading
from kancli.dataset import load_table as load
from kancli.dataset import profile, read_chunks, read_dataset, save_table
from kancli.dataset.text.blocks import GRACE, LONGEST_LINE
from kancli.errors import DataError

ROWS = b"x,y\n" + b"1,2\n3,4\n" * (1 << 17)
# What a compressed file is repeated to.
BOMB = 1 << 29


def zipped(content: bytes, times: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("t.csv", "w") as file:
        for _ in range(times):
            file.write(content)
    return buffer.getvalue()


PACK: dict[str, Callable[[bytes, int], bytes]] = {
    "gz": lambda content, times: gzip.compress(content) * times,
    "bz2": lambda content, times: bz2.compress(content) * times,
    "xz": lambda content, times: lzma.compress(content) * times,
    "zip": zipped,
}  # fmt: skip
READ = """
import resource, sys
from kancli.dataset import profile
from kancli.dataset import (read_chunks, read_dataset)
from kancli.errors import DataError
import pandas
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), -1))
for read in (read_dataset, profile, lambda path: [None for _ in read_chunks(path, ["x"]).rows]):
    try:
        read(sys.argv[1])
    except DataError as error:
        print(error.message.removeprefix(sys.argv[1]))
# Not ru_maxrss: it begins at what the process that started this one held.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="measures memory as Linux counts it")
@pytest.mark.parametrize("pack", PACK)
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (bytes(1 << 20), ": not a text file (it contains NUL bytes)"),
        (b"1" * (1 << 20), ":1: a line of more than 16 MiB"),
        (ROWS, "of compressed data, and more to come"),
    ],
)
def test_a_small_file_that_inflates_without_end_is_refused_in_little_memory(
    tmp_path: Path, pack: str, content: bytes, complaint: str
) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(PACK[pack](content, BOMB // len(content)))
    assert path.stat().st_size < 1 << 23
    done = subprocess.run(
        [sys.executable, "-c", READ, path, str(1 << 32)], capture_output=True, text=True, timeout=120
    )
    *told, memory = done.stdout.splitlines()
    assert len(told) == 3
    assert all(complaint in line for line in told), told
    assert int(memory) < 400 * 1024  # KiB, pandas' own hundred included


@pytest.mark.parametrize("pack", PACK)
def test_a_table_that_compresses_well_but_is_not_large_is_read(tmp_path: Path, pack: str) -> None:
    path = tmp_path / "table"
    path.write_bytes(PACK[pack](ROWS, 1))
    assert len(ROWS) > 100 * path.stat().st_size or pack == "gz"
    assert len(read_dataset(str(path)).y) == 1 << 18


def test_a_large_table_of_measurements_is_read_although_it_is_compressed(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).random((2000, 2))
    rows = "".join(f"{x!r},{y!r}\n" for x, y in numbers.tolist()).encode()
    path = tmp_path / "table.gz"
    path.write_bytes(gzip.compress(rows, 1) * (2 * GRACE // len(rows) + 1))
    assert path.stat().st_size * 10 > GRACE
    table = read_chunks(str(path), ["x1"])
    assert sum(len(chunk.values) for chunk in table.rows) == 2000 * (2 * GRACE // len(rows) + 1)


class Endless(io.RawIOBase):
    """A stream that repeats a pattern and counts what has been read."""

    def __init__(self, pattern: bytes) -> None:
        self.pattern, self.count = pattern, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        length = len(buffer) // len(self.pattern) * len(self.pattern)
        buffer[:length] = self.pattern * (length // len(self.pattern))
        self.count += length
        return length


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (b"\0", "<stdin>: not a text file (it contains NUL bytes)"),
        (b"1", "<stdin>:1: a line of more than 16 MiB"),
    ],
)
def test_a_stream_without_an_end_is_not_read_for_long(pattern: bytes, message: str) -> None:
    for read in (read_dataset, profile):
        stream = Endless(pattern)
        with pytest.raises(DataError) as caught:
            read("-", stream=stream)
        assert caught.value.message == message
        assert caught.value.hint
        assert stream.count < 2 * LONGEST_LINE


def test_rows_without_an_end_are_refused_where_they_would_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("kancli.dataset.text.blocks", "kancli.dataset.storage"):
        monkeypatch.setattr(f"{module}.largest_table", lambda: 1 << 20)
    for read in (read_dataset, lambda source, stream: profile(source, stream=stream, size=1 << 18)):
        stream = Endless(b"1,2\n")
        with pytest.raises(DataError) as caught:
            read("-", stream=stream)
        assert caught.value.message == "<stdin>: more than 1 MiB of table, a quarter of this machine's memory"
        assert "kan predict" in (caught.value.hint or "")
        assert stream.count < 1 << 24


def test_blank_lines_without_an_end_hold_no_row() -> None:
    with pytest.raises(DataError, match="no row of data in the first 4 MiB"):
        profile("-", stream=Endless(b"#" * 4094 + b"\n\n"))


def test_lines_that_end_as_on_old_macs_come_in_pieces_too() -> None:
    content = b"x,y\r" + b"1.25,2\r\n" * 3 + b"2.5,3\r" * 100
    rows = read_chunks("-", ["x"], stream=io.BytesIO(content), size=64).rows
    sizes = [len(chunk.values) for chunk in rows]
    assert sum(sizes) == 103
    assert max(sizes) < 40


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
def test_a_device_is_no_table() -> None:
    for read in (read_dataset, profile):
        with pytest.raises(DataError) as caught:
            read("/dev/zero")
        assert caught.value.message == "/dev/zero: cannot be read: is a device, not a file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_a_table_as_standard_input_is(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with subprocess.Popen(["sh", "-c", f"printf 'x,y\\n1,2\\n3,4\\n' > '{path}'"]):
        assert read_dataset(str(path)).y.tolist() == [2, 4]


def test_a_kept_table_that_holds_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept.npz"
    save_table(read_dataset("-", stream=io.BytesIO(b"x,y\n" + b"1,2\n3,4\n" * 1000)), path)
    assert len(load(path).y) == 2000
    monkeypatch.setattr("kancli.dataset.storage.largest_table", lambda: 20_000)
    with pytest.raises(DataError, match=r"is larger than 19\.5 KiB"):
        load(path)


def test_the_bound_is_a_share_of_the_machines_memory() -> None:
    pages = os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    total = pages * resource.getpagesize() or reading.USUAL_MEMORY
    assert reading.largest_table() == total // 4
