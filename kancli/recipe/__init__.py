"""Recipes: the options of every stage, and the YAML files that hold them."""

from kancli.recipe.models import (
    SEARCH,
    STAGES,
    DataOptions,
    ExportOptions,
    FitOptions,
    PruneOptions,
    ReadingOptions,
    Recipe,
    RefineOptions,
    RunOptions,
    StageName,
    SymbolifyOptions,
    TrainOptions,
)
from kancli.recipe.reader import Document
from kancli.recipe.resolve import Flags, load, read_recipe, resolve
from kancli.recipe.schema import json_schema
from kancli.recipe.width import Layer, format_width, parse_width

__all__ = [
    "SEARCH",
    "STAGES",
    "DataOptions",
    "Document",
    "ExportOptions",
    "FitOptions",
    "Flags",
    "Layer",
    "PruneOptions",
    "ReadingOptions",
    "Recipe",
    "RefineOptions",
    "RunOptions",
    "StageName",
    "SymbolifyOptions",
    "TrainOptions",
    "format_width",
    "json_schema",
    "load",
    "parse_width",
    "read_recipe",
    "resolve",
]
