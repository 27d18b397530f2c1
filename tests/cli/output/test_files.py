"""Files that -o names: whole, or as they were before, whatever happens on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from kit import Kan
from processes import ENVIRONMENT

from kancli.cli.output.files import replacing, write_bytes, write_text
from kancli.errors import UsageError
from kancli.writing import SHOWN

OLD = "what was there before\n"
# A limit that every one of the files exceeds; Python then sees an error as from a full disk.
LIMITED = """
import json, resource, sys
from kancli.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (20, resource.RLIM_INFINITY))
print(json.dumps([main(call) for call in json.loads(sys.argv[1])]))
"""
WRITING = [
    ["export", "law", "-f", "c", "-o", "law.c"],
    ["plot", "law", "-o", "plot.svg"],
    ["plot", "law", "-o", "plot.png"],
    ["plot", "law", "-o", "plot.pdf"],
    ["report", "law", "-o", "report.html"],
    ["predict", "law", "data.csv", "-o", "predicted.csv"],
    ["init", "data.csv", "--force", "-o", "recipe.yaml"],
    ["schema", "recipe", "-o", "schema.json"],
    ["run", "law.yaml", "-q", "--run", "law"],
]


@pytest.fixture
def workplace(kan: Kan, folder: Path) -> Path:
    """A table, a recipe whose export goes to a file, and a run of it."""
    rows = "".join(f"{a / 4},{(a / 4) ** 2!r}\n" for a in range(1, 31))
    (folder / "data.csv").write_text("a,T\n" + rows)
    (folder / "law.yaml").write_text(
        "data: {path: data.csv}\ntrain: {width: [1, 1], restarts: 1, steps: 5}\n"
        "symbolify: {lib: [x, x^2], compositions: false}\nexport: {format: c, output: exported.c}\n"
    )
    assert kan("run", "law.yaml", "--run", "law", "-q").code == 0
    return folder


def hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
def test_a_file_that_cannot_be_written_whole_leaves_the_older_one_whole(workplace: Path) -> None:
    names = [call[call.index("-o") + 1] if "-o" in call else "exported.c" for call in WRITING]
    for name in names:
        (workplace / name).write_text(OLD)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, json.dumps(WRITING)], cwd=workplace, env=ENVIRONMENT,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert json.loads(done.stdout.splitlines()[-1]) == [2] * len(WRITING), done.stderr
    assert {name: (workplace / name).read_text() for name in names} == dict.fromkeys(names, OLD)
    for name in names:
        assert f"-o {name}: cannot be written: File too large" in done.stderr
    assert not hidden(workplace)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("write", ["replacing", "replacing_bytes"])
def test_a_process_that_is_killed_while_it_writes_leaves_the_older_file_whole(
    tmp_path: Path, write: str
) -> None:
    path = tmp_path / "law.c"
    path.write_text(OLD)
    code = (
        f"import os, signal; from kancli.cli.output.files import {write}\n"
        f"with {write}({str(path)!r}) as file:\n"
        f"    file.write({'str' if write == 'replacing' else 'bytes'}({'1' if write == 'replacing' else '9'}))\n"
        "    file.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_text() == OLD


def test_a_file_is_on_the_disk_before_it_takes_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "law.c"
    path.write_text(OLD)
    seen: list[tuple[str, str]] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        (temporary,) = hidden(tmp_path)
        seen.append((path.read_text(), (tmp_path / temporary).read_text()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    write_text(str(path), "new\n")
    assert seen == [(OLD, "new\n")]
    assert path.read_text() == "new\n"


def test_a_link_stays_one_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "law.c", tmp_path / "link.c"
    target.write_text(OLD)
    link.symlink_to(target)
    write_bytes(str(link), b"new\n")
    assert link.is_symlink()
    assert target.read_text() == "new\n"


def test_a_file_keeps_its_mode_and_a_new_one_gets_that_of_the_process(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text(OLD)
    old.chmod(0o640)
    for path in (old, new):
        write_text(str(path), "new\n")
    assert old.stat().st_mode & 0o777 == 0o640
    assert new.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def test_a_name_as_long_as_the_system_takes_it_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 125)
    assert len(path.name.encode()) > 255 - SHOWN
    write_text(str(path), "new\n")
    assert path.read_text() == "new\n"


@pytest.mark.parametrize("name", ["", "none/law.c"])
def test_where_nothing_can_be_written_the_error_names_the_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"^-o {tmp_path / name}: cannot be written: "):
        write_text(str(tmp_path / name), "new\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
def test_a_device_is_written_as_it_comes_and_a_full_one_is_an_error() -> None:
    write_text("/dev/null", "new\n")
    with pytest.raises(UsageError, match=r"^-o /dev/full: cannot be written: No space left on device$"):
        write_text("/dev/full", "new\n")
    assert not Path("/dev/full").is_file()


def test_an_error_of_the_one_who_writes_is_not_one_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "law.c"
    path.write_text(OLD)
    with pytest.raises(ZeroDivisionError), replacing(str(path)) as file:
        file.write(str(1 / 0))
    assert path.read_text() == OLD
    assert not hidden(tmp_path)
