"""A Python module with one function of JAX arrays, for jit, grad and vmap."""

from __future__ import annotations

from kancli.export.check import Check
from kancli.export.numpy_like import Library, dialect, module
from kancli.export.source import Source

DESCRIPTION = "a function of JAX arrays, for jit, grad and vmap"

_JAX = Library(
    "jax",
    dialect("jax", "jnp.", "jnp.pi"),
    imports=(
        "# JAX computes in float32 unless told: jax.config.update('jax_enable_x64', True)",
        "import jax.numpy as jnp",
    ),
    convert="jnp.asarray({}, dtype=float)",
    avoided=frozenset({"jnp", "jax", "predict", "float"}),
    check_imports=("", "import jax", "", 'jax.config.update("jax_enable_x64", True)'),
    folded=True,
)


def write(source: Source, check: Check | None = None) -> str:
    return module(source, _JAX, check)
