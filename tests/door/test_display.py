"""What a notebook shows of a formula."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import sympy

from kancli import Fitted, fit
from kancli.errors import UsageError


def decay() -> pd.DataFrame:
    random = np.random.default_rng(3)
    t = np.linspace(0, 5, 50)
    return pd.DataFrame({"t <h>": t, "N & M": 3 * np.exp(-0.7 * t) + 0.2 + 0.01 * random.normal(size=50)})


@pytest.fixture(scope="module")
def law() -> Fitted:
    return fit(decay(), time_limit=20, jobs=1, like="a*exp(-k*t_h) + b")


def test_a_notebook_shows_equation_verdict_constants_and_data(law: Fitted) -> None:
    shown = law._repr_html_()
    tree = ElementTree.fromstring(shown)
    names = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert {"math", "table", "svg"} <= names
    text = "".join(tree.itertext())
    assert "N & M" in text
    assert "verdict" in text
    assert "r²" in text
    assert "k = " in text


def test_names_of_columns_cannot_bring_markup_into_the_page(law: Fitted) -> None:
    assert "<h>" not in law._repr_html_()


def test_the_equation_in_latex_has_its_left_side(law: Fitted) -> None:
    assert str(law._repr_latex_()).startswith("$\\displaystyle ")
    assert " = " in str(law._repr_latex_())


def test_constants_of_a_form_have_their_names(law: Fitted) -> None:
    assert set(law.parameters) == {"a", "k", "b"}
    assert law.parameters["k"] == pytest.approx(0.7, abs=0.02)


def test_the_formula_is_a_sympy_expression_with_the_decimals_that_are_printed(law: Fitted) -> None:
    expression = law.sympy()
    (symbol,) = expression.free_symbols
    assert str(symbol) == "t_h"
    at = float(expression.subs(symbol, 1.5))
    assert at == pytest.approx(float(law.predict(np.array([[1.5]]))[0]), rel=1e-12)
    printed = {float(number) for number in expression.atoms(sympy.Float)}
    assert all(repr(abs(number)) in str(law.formula) for number in printed)


def test_the_front_is_a_data_frame(law: Fitted) -> None:
    assert list(law.table.columns) == ["formula", "complexity", "r2", "r2_validation", "rmse", "chosen"]
    assert law.table["formula"].tolist() == [member.formula for member in law.front]


def test_pictures_are_shown_and_saved(law: Fitted, tmp_path: Path) -> None:
    picture = law.plot()
    assert ElementTree.fromstring(picture._repr_svg_()).tag.endswith("svg")
    picture.save(tmp_path / "law.svg")
    assert (tmp_path / "law.svg").read_text(encoding="utf-8") == picture._repr_svg_()
    with pytest.raises(UsageError, match=r"\.svg, \.png or \.pdf"):
        picture.save(tmp_path / "law.jpg")
    with pytest.raises(UsageError, match="no such picture"):
        law.plot("pie")


def test_a_loaded_version_shows_itself_without_rows_and_refuses_pictures_of_them(
    law: Fitted, tmp_path: Path
) -> None:
    loaded = law.save(tmp_path / "law.kan")
    assert "svg" not in loaded._repr_html_()
    with pytest.raises(UsageError, match="needs the rows"):
        loaded.plot("fit")


def test_an_executed_notebook_shows_the_law(tmp_path: Path) -> None:
    notebooks = pytest.importorskip("nbformat")
    clients = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    decay().to_csv(tmp_path / "decay.csv", index=False)
    code = (
        "import pandas as pd, kancli\n"
        "law = kancli.fit(pd.read_csv('decay.csv'), like='a*exp(-k*t_h) + b', jobs=1)\n"
        "law"
    )
    book = notebooks.v4.new_notebook(cells=[notebooks.v4.new_code_cell(code)])
    clients.NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    (output,) = (o for o in book.cells[0].outputs if o.output_type == "execute_result")
    assert "<math" in output.data["text/html"]
    assert "<svg" in output.data["text/html"]
    assert output.data["text/plain"].startswith("<kancli.Fitted")
