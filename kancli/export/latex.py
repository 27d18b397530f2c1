"""The equation in LaTeX (amsmath), as the body of a displayed formula."""

from kancli.export.source import Source
from kancli.symbolic.text.latex import latex, latex_name

DESCRIPTION = "the equation in LaTeX"


def write(source: Source) -> str:
    return f"{latex_name(source.target)} = {latex(source.expression, source.columns)}"
