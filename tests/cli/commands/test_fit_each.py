"""kan fit --each and several targets: a table, a folder, and a second run that skips what is there."""

from __future__ import annotations

import json
from pathlib import Path

from processes import kan


def wells(folder: Path) -> Path:
    """Straight lines and parabolas without noise, and a well of one row."""
    lines = ["well,x,y,z"]
    for i in range(24):
        x = 0.5 + i * 0.17
        lines += [f"a,{x:.2f},{2 * x + 1:.6f},{3 * x:.6f}", f"b,{x:.2f},{x * x:.6f},{x + 2:.6f}"]
    path = folder / "wells.csv"
    path.write_text("\n".join([*lines, "c,1,1,1"]) + "\n")
    return path


def test_a_law_of_each_group_in_one_document_and_shards_meet_in_its_folder(tmp_path: Path) -> None:
    how = ("fit", wells(tmp_path), "--each", "well", "--inputs", "x", "--target", "y", "--json")
    first = json.loads(kan(tmp_path, *how, "--shard", "1/2").stdout)
    assert [entry["group"] for entry in first["results"]] == [{"well": "a"}]
    assert [entry["group"] for entry in first["failed"]] == [{"well": "c"}]
    both = json.loads(kan(tmp_path, *how).stdout)
    assert [entry["formula"] for entry in both["results"]] == ["2*x + 1", "x**2"]
    assert both["results"][0] == first["results"][0]  # the seconds too: it was not searched again
    (folder,) = (tmp_path / "runs").iterdir()
    assert (folder / "report.html").is_file()
    assert "one row" in kan(tmp_path, *how, "--strict", check=6).stdout
    assert kan(tmp_path, "show", folder / "a").stdout.startswith("y = 2*x + 1")


def test_a_law_of_each_target_has_no_other_target_as_input(tmp_path: Path) -> None:
    done = kan(tmp_path, "fit", wells(tmp_path), "--each", "well", "--target", "y,z")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert rows[0][:3] == ["well", "target", "formula"]
    laws = {(row[0], row[1]): row[2] for row in rows[1:]}
    assert laws["a", "z"] == "3*x"
    assert laws["b", "z"] == "x + 2"
    assert laws["c", "y"] == "-"
