"""The stages, and pipelines of them: from a table and a recipe to versions."""
