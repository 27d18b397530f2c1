"""One form for several groups of rows: constants shared by all groups, constants of each group's own."""
