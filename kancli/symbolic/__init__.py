"""From splines to formulas: expressions, edges, graphs, constants; the floors are in the import contract."""
