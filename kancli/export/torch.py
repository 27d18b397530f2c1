"""A Python module with one function of torch tensors: differentiable, on any device."""

from __future__ import annotations

from kancli.export.check import Check
from kancli.export.numpy_like import Library, dialect, module
from kancli.export.source import Source

DESCRIPTION = "a function of torch tensors, differentiable"

_TORCH = Library(
    "torch",
    dialect("torch", "torch.", "math.pi"),
    imports=("import math", "", "import torch"),
    convert="_tensor({})",
    avoided=frozenset({"torch", "math", "predict", "_tensor"}),
    preparation=(
        "def _tensor(value):",
        '    """Tensors of floats stay as they are, with their gradients; anything else becomes float64."""',
        "    if torch.is_tensor(value) and value.is_floating_point():",
        "        return value",
        "    return torch.as_tensor(value, dtype=torch.float64)",
        "",
        "",
    ),
    folded=True,
)


def write(source: Source, check: Check | None = None) -> str:
    text = module(source, _TORCH, check)
    return text if "math." in text else text.replace("import math\n\n", "", 1)
