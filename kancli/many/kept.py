"""What is kept of each law beside its versions, so that a second run does not look for it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kancli.writing import replacing

FILE = "result.json"


def keep_result(folder: Path, key: str, document: Mapping[str, Any]) -> None:
    """Write a finished law into its folder, complete or not at all. `key` stands for its rows and options."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"key": key, "result": document}, ensure_ascii=False)
    with replacing(folder / FILE) as file:
        file.write(text.encode("utf-8", "surrogatepass"))


def kept_result(folder: Path, key: str | None = None) -> dict[str, Any] | None:
    """The finished law in a folder, if it is that of the same rows and options; None where there is none."""
    try:
        content = json.loads((folder / FILE).read_bytes())
        same = key is None or content["key"] == key
        found = content["result"]
    except (OSError, ValueError, KeyError, TypeError):  # none yet, or not ours
        return None
    return found if same and isinstance(found, dict) else None
