"""`kan plot` and `kan report`: pictures and pages of a real run."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from kit import ROOT, Kan
from processes import ENVIRONMENT, KAN

from kancli.checkpoint import Checkpoint, load, save
from kancli.cli import main
from kancli.report.svg import NAMESPACE

KINDS = ("network", "edges", "fit", "loss", "parity", "residuals", "front")
MATHML = "http://www.w3.org/1998/Math/MathML"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the tutorial's table and its run: 2,5,1, pruned, a formula."""
    folder = tmp_path_factory.mktemp("plots")
    shutil.copy(ROOT / "sample_data" / "tutorial.csv", folder / "data.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        options = ("--width", "2,5,1", "--restarts", "4", "--steps", "30", "--run", "run", "-q")
        assert main(["train", "data.csv", *options]) == 0
        assert main(["prune", "run", "-q"]) == 0
        assert main(["symbolify", "run", "-q"]) == 0
        yield folder


@pytest.fixture
def run(trained: Path, kan: Kan, monkeypatch: pytest.MonkeyPatch) -> Kan:
    """`kan` in that folder."""
    monkeypatch.chdir(trained)
    return kan


def groups(text: str, kind: str) -> list[str]:
    """The names of an SVG picture's groups of a kind."""
    found = ElementTree.fromstring(text).iter(f"{{{NAMESPACE}}}g")
    return [g.get("data-name") or "" for g in found if kind in (g.get("class") or "").split()]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_svg_in_a_pipe(run: Kan, kind: str) -> None:
    done = run("plot", "run", "--kind", kind)
    assert (done.code, done.err) == (0, "")
    assert ElementTree.fromstring(done.out).tag == f"{{{NAMESPACE}}}svg"
    assert re.findall(r"https?://[^\"]*", done.out) == [NAMESPACE]


def test_the_diagram_is_the_architecture_that_the_checkpoint_has(run: Kan) -> None:
    for version in ("run@train", "run@prune"):
        shape = json.loads(run("show", version, "--json").out)["architecture"]
        names = [f"{layer},{s},{t}" for layer, pairs in enumerate(shape["edges"]) for s, t in pairs]
        assert sorted(groups(run("plot", version).out, "edge")) == sorted(names)


def test_the_edges_of_a_formula_are_marked_and_fitted(run: Kan) -> None:
    edges = json.loads(run("show", "run", "--json").out)["edges"]
    assert [e["function"] for e in edges] == ["sin", "x^2", "exp"]
    names = [f"{e['layer']},{e['source']},{e['target']}" for e in edges]
    assert sorted(groups(run("plot", "run").out, "symbolic")) == sorted(names)
    assert run("plot", "run", "--kind", "edges").out.count("n s-fit") == len(edges)
    assert groups(run("plot", "run@train").out, "symbolic") == []


def test_one_edge_or_one_layer_can_be_asked_for(run: Kan) -> None:
    assert groups(run("plot", "run@train", "--edge", "0,1,3").out, "panel") == ["0,1,3"]
    assert len(groups(run("plot", "run@train", "--layer", "1").out, "panel")) == 5


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--kind", "parties"), 2, "did you mean parity?"),
        (("--edge", "0,0,9"), 2, "edge 0,0,9 is not in the network"),
        (("--kind", "loss", "--layer", "0"), 2, "--layer goes with --kind edges only"),
        (("-o", "picture.jpg"), 2, "pictures are .svg, .png or .pdf"),
        (("-o", "nowhere/picture.svg"), 2, "cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_said(run: Kan, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = run("plot", "run", *arguments)
    assert (done.code, done.out) == (code, "")
    assert words in done.err


def test_a_network_has_no_front(run: Kan) -> None:
    done = run("plot", "run@train", "--kind", "front")
    assert done.code == 2
    assert "kan symbolify" in done.err


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_png_and_pdf_are_matplotlibs_or_it_is_named(run: Kan, tmp_path: Path, format: str) -> None:
    output = tmp_path / f"picture.{format}"
    done = run("plot", "run", "-o", output)
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        assert done.code == 8
        assert "pip install 'kancli[plot]'" in done.err
        assert not output.exists()
    else:
        assert (done.code, done.out) == (0, "")
        assert output.read_bytes().startswith({"png": b"\x89PNG", "pdf": b"%PDF"}[format])


def test_a_table_that_is_gone_is_named_and_the_network_still_drawn(run: Kan, tmp_path: Path) -> None:
    table = Path("data.csv")
    table.rename(tmp_path / "elsewhere.csv")
    try:
        drawn, parity, page = run("plot", "run"), run("plot", "run", "--kind", "parity"), run("report", "run")
        found = run("plot", "run", "--kind", "parity", "--data", tmp_path / "elsewhere.csv")
    finally:
        (tmp_path / "elsewhere.csv").rename(table)
    assert drawn.code == 0
    assert "the data cannot be read again" in drawn.err
    assert len(groups(drawn.out, "edge")) == 3
    assert (parity.code, parity.out) == (3, "")
    assert "--data" in parity.err
    assert page.code == found.code == 0
    assert "the data cannot be read again" in page.err
    assert "data cannot be read again" in page.out


def test_of_a_formula_without_a_network_the_one_that_it_was_made_from_is_drawn(
    run: Kan, trained: Path, tmp_path: Path
) -> None:
    shutil.copytree(trained / "run", tmp_path / "run")
    last = load(tmp_path / "run" / "0003-symbolify.kan")
    bare = {key: value for key, value in last.metadata.items() if key != "architecture"}
    save(Checkpoint("derive", {}, bare), tmp_path / "run", last)
    drawn = run("plot", tmp_path / "run")
    assert drawn.code == 0
    assert "0003-symbolify.kan" in drawn.err
    assert len(groups(drawn.out, "edge")) == 3
    assert "belongs to version 3" in run("report", tmp_path / "run").out


@pytest.mark.parametrize(("columns", "locale"), [(40, "C.UTF-8"), (200, "C.UTF-8"), (80, "POSIX")])
def test_a_terminal_gets_a_drawing_that_fits_in_its_own_characters(
    trained: Path, columns: int, locale: str
) -> None:
    text = in_terminal(trained, "plot", "run", COLUMNS=str(columns), LC_ALL=locale, NO_COLOR="1")
    lines = text.splitlines()
    assert max(map(len, lines)) < columns
    assert "\x1b" not in text
    assert text.isascii() == (locale == "POSIX")
    for word in ("x1", "x2", "sin", "exp"):
        assert word in text


def in_terminal(folder: Path, *argv: str, **environment: str) -> str:
    """What `kan` writes to a terminal."""
    master, slave = pty.openpty()
    plain = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TERM": "xterm"}
    process = subprocess.Popen(
        [*KAN, *argv], cwd=folder, stdin=slave, stdout=slave, stderr=subprocess.DEVNULL,
        env={**ENVIRONMENT, **plain, **environment},
    )  # fmt: skip
    os.close(slave)
    parts = []
    while True:
        try:
            part = os.read(master, 1 << 16)
        except OSError:  # Linux's end of a terminal
            break
        if not part:
            break
        parts.append(part)
    os.close(master)
    assert process.wait() == 0
    return b"".join(parts).decode().replace("\r\n", "\n")


@pytest.fixture
def page(run: Kan) -> str:
    """The report of the formula."""
    done = run("report", "run")
    assert (done.code, done.err) == (0, "")
    return done.out


def test_the_page_is_well_formed_and_says_all_there_is(page: str) -> None:
    root = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
    assert root.find("head/title") is not None
    formula = next(root.iter(f"{{{MATHML}}}math"))
    assert "".join(formula.itertext()).startswith("y=esin")
    headings = [element.text for element in root.iter("h2")]
    assert headings == [
        "How good it is", "Network", "Edges", "Constants", "Predictions", "Loss", "Front", "Recipe", "Provenance",
    ]  # fmt: skip
    assert len(list(root.iter(f"{{{NAMESPACE}}}svg"))) >= 5
    words = "".join(root.itertext())
    for word in ("exactly pi", "fingerprint", "1 train → 2 prune → 3 symbolify", "width: "):
        assert word in words


def test_the_page_refers_to_nothing_outside_itself(page: str) -> None:
    assert set(re.findall(r"https?://[^\"]*", page)) == {NAMESPACE, MATHML}
    for word in ("<script", "<link", "href=", "src=", "@import", "url("):
        assert word not in page


def test_the_page_is_for_light_and_dark(page: str) -> None:
    assert "@media (prefers-color-scheme:dark)" in page


def test_names_from_the_table_cannot_become_markup(run: Kan, tmp_path: Path) -> None:
    rows = "".join(f"{i / 10},{i / 5 + 1}\n" for i in range(40))
    (tmp_path / "bad.csv").write_text(f"a <b>&amp;'\"x,</script><script>\n{rows}")
    name = str(tmp_path / "run")
    options = ("--width", "1,1", "--restarts", "1", "--steps", "5", "--run", name, "-q")
    assert run("train", tmp_path / "bad.csv", *options).code == 0
    text = run("report", name).out
    root = ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>\n"))
    assert "<script" not in text
    assert "a <b>&amp;'\"x" in "".join(root.itertext())


def test_the_page_goes_to_the_file_named(run: Kan, tmp_path: Path) -> None:
    done = run("report", "run@prune", "-o", tmp_path / "page.html")
    assert done.out.strip() == str(tmp_path / "page.html")
    assert "A network for y" in (tmp_path / "page.html").read_text()


def test_a_browser_shows_the_page(run: Kan, tmp_path: Path) -> None:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    browser = next((found for name in names if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip("no chromium here")
    assert run("report", "run", "-o", tmp_path / "page.html").code == 0
    picture = tmp_path / "page.png"
    done = subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
            "--enable-logging=stderr", f"--screenshot={picture}", "--window-size=800,1000", "--dump-dom",
            (tmp_path / "page.html").as_uri(),
        ],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0
    assert "<math" in done.stdout
    assert "</html>" in done.stdout
    assert "CONSOLE" not in done.stderr
