"""A network in the browser: each action makes a version, and only who has the token is answered."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from kit import Kan

from kancli.checkpoint import load, resolve
from kancli.errors import UsageError
from kancli.stages.source import reopen
from kancli.view import Workbench, serve


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained network of y = sin(3a) + b², with an input too many."""
    from kancli.cli import main

    folder = tmp_path_factory.mktemp("view")
    x = np.random.default_rng(4).uniform(-1, 1, (300, 3))
    frame = pd.DataFrame(x, columns=["a", "b", "idle"]).assign(y=np.sin(3 * x[:, 0]) + x[:, 1] ** 2)
    frame.to_csv(folder / "data.csv", index=False)
    run = ["--run", str(folder / "run"), "--restarts", "1", "--grid", "10", "-q"]
    assert main(["train", str(folder / "data.csv"), "--width", "3,1", *run]) == 0
    return folder / "run"


@pytest.fixture
def bench(trained: Path) -> Workbench:
    version = load(resolve(f"{trained}@1"))
    return Workbench(version, *reopen(version))


def test_the_state_has_the_network_drawn_and_no_formula_before_one_is_read(bench: Workbench) -> None:
    state = bench.state()
    assert state["formula"] is None
    assert [edge["edge"] for edge in state["edges"]] == ["0,0,0", "0,1,0", "0,2,0"]
    groups = ElementTree.fromstring(state["network"]).iter()
    assert {"0,0,0", "0,1,0", "0,2,0"} <= {group.get("data-name") for group in groups}


def test_candidates_come_with_a_curve_and_the_best_is_the_function_behind_the_edge(bench: Workbench) -> None:
    found = bench.candidates("0,0,0")
    assert found["candidates"][0]["function"] == "sin"
    assert ElementTree.fromstring(found["candidates"][0]["curve"]).tag.endswith("svg")
    with pytest.raises(UsageError, match="is not in the network"):
        bench.candidates("4,0,0")


def test_what_a_person_does_is_versions_that_lead_to_the_formula(bench: Workbench) -> None:
    state = bench.remove("0,2,0")
    assert [edge["edge"] for edge in state["edges"]] == ["0,0,0", "0,1,0"]
    state = bench.fix("0,0,0", "sin")
    assert state["formula"] in ("sin(3*a) + b**2", "b**2 + sin(3*a)")
    assert state["fixed"] == {"0,0,0": "sin"}
    assert [version["stage"] for version in state["versions"]] == ["train", "prune", "symbolify"]
    saved = load(resolve(str(bench.version.path)))
    assert saved.metadata["recipe"]["prune"]["remove"] == ["0,2,0"]
    assert saved.metadata["recipe"]["symbolify"]["fix"] == {"0,0,0": "sin"}
    assert bench.free("0,0,0")["fixed"] == {}
    assert bench.back(1)["formula"] is None


def test_what_cannot_be_done_leaves_the_version_and_what_was_fixed(bench: Workbench) -> None:
    with pytest.raises(UsageError):
        bench.fix("0,0,0", "sinus")
    assert bench.fixed == {}
    with pytest.raises(UsageError, match="is none that led to"):
        bench.back(99)


@pytest.fixture
def address(bench: Workbench) -> Iterator[str]:
    with serve(bench) as served:
        thread = threading.Thread(target=served.forever, daemon=True)
        thread.start()
        yield served.url
        served.stop()
        thread.join()


def call(url: str, action: Any = None, host: str | None = None) -> tuple[int, str, dict[str, str]]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    headers = {} if host is None else {"Host": host}
    body = None if action is None else action if isinstance(action, str) else json.dumps(action)
    connection.request("GET" if action is None else "POST", parts.path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), dict(answer.getheaders())


def test_the_page_loads_nothing_from_elsewhere_and_runs_its_own_script_only(address: str) -> None:
    code, text, headers = call(address)
    assert code == 200
    nonce = text.partition('nonce="')[2].partition('"')[0]
    assert nonce
    assert f"script-src 'nonce-{nonce}'" in headers["Content-Security-Policy"]
    assert "http" not in text.replace("http-equiv", "")
    assert call(address)[1].partition('nonce="')[2].partition('"')[0] != nonce


def test_an_action_is_answered_by_the_state_and_a_refusal_by_its_reason(address: str) -> None:
    code, text, _ = call(address, {"action": "state"})
    assert (code, json.loads(text)["target"]) == (200, "y")
    code, text, _ = call(address, {"action": "candidates", "edge": "9,9,9"})
    assert (code, "is not in the network" in json.loads(text)["error"]) == (422, True)


@pytest.mark.parametrize("action", ["", "[]", "5", "{", '{"action": "format"}', "{}", '{"action": "fix"}'])
def test_what_is_no_action_is_refused(address: str, action: str) -> None:
    code, text, _ = call(address, action or "{}")
    assert code == 400
    assert "error" in json.loads(text)


def test_nobody_is_answered_without_the_token_or_under_another_name(address: str) -> None:
    parts = urlsplit(address)
    bare = f"http://{parts.netloc}/"
    assert call(bare)[0] == call(bare + "x" * 32 + "/")[0] == 404
    assert call(bare, {"action": "state"})[0] == 404
    assert call(address, {"action": "state"}, host="attacker.example")[0] == 404


def test_the_command_prints_the_address_and_ends_when_it_is_interrupted(
    trained: Path, kan: Kan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kancli.view import server

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(server.HTTPServer, "serve_forever", interrupted)
    done = kan("view", f"{trained}@1", "--no-browser")
    assert done.code == 130
    assert done.out.startswith("http://127.0.0.1:")


def test_a_formula_without_a_network_cannot_be_viewed(kan: Kan, tmp_path: Path) -> None:
    (tmp_path / "line.csv").write_text("x,y\n1,2\n2,4\n3,6\n4,8\n5,10\n")
    assert kan("fit", tmp_path / "line.csv", "--run", tmp_path / "run", "--jobs", "1").code == 0
    assert kan("view", tmp_path / "run", "--no-browser").code == 5
