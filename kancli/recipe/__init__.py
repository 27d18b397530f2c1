"""Recipes: the options of every stage, and the YAML files that hold them."""

from kancli.recipe.models import (
    STAGES,
    DataOptions,
    ExportOptions,
    PruneOptions,
    Recipe,
    RefineOptions,
    RunOptions,
    StageName,
    SymbolifyOptions,
    TrainOptions,
)
from kancli.recipe.width import Layer, format_width, parse_width

__all__ = [
    "STAGES",
    "DataOptions",
    "ExportOptions",
    "Layer",
    "PruneOptions",
    "Recipe",
    "RefineOptions",
    "RunOptions",
    "StageName",
    "SymbolifyOptions",
    "TrainOptions",
    "format_width",
    "parse_width",
]
