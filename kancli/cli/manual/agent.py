"""The page for programs that call `kan`: what to call, what to read, what to decide."""

from __future__ import annotations

from kancli.cli.manual.pages import EXIT_CODES

TEXT = """# kan for programs and agents

`kan` finds the formula behind a table. One call, one JSON document:

    kan fit DATA --target COLUMN --json -q --time-limit 60

Standard output holds one JSON document and nothing else. Standard error holds remarks; with `--progress json` each of
its lines is an object: `{"kan": 1, "event": "progress" | "remark" | "detail" | "error", ...}`. Every flag is in
`kan man fit`; every command takes `--json`.

## Before

* `kan check DATA --json` reads the table without fitting: columns, what would be the target, findings with the option
  that settles each. Exit code 3 names `file:line:column` of the first cell that cannot be read.
* State the target with `--target`, the inputs with `--inputs a,b`, errors of the target with `--sigma COLUMN`.

## What to read in the document

| key | meaning |
|---|---|
| `formula` | right-hand side in sympy's syntax, in the column names (`symbols` maps names that had to change) |
| `verdict.kind` | `exact`, `law_with_noise`, `approximation`, `undecided`, `nothing` |
| `verdict.confidence` | share of such verdicts that are the law, 0 to 1 |
| `verdict.why`, `verdict.rivals` | the reason in words; other formulas with the bits that they are behind |
| `r2`, `r2_validation`, `rmse` | of the printed formula, on the rows fitted and the rows held out |
| `constants` | value, standard error, exact value that it was `snapped` to |
| `front` | every formula that no shorter one equals, the chosen one marked |
| `errors`, `outliers` | the model of the errors; suspicious rows |
| `checkpoint` | the version on disk, which other commands take as RUN |

## What to decide

* `exact` or `law_with_noise` with confidence 0.9 or more: report it as the law, with its constants' errors.
* `undecided`: report the rivals too. More rows, a wider range of the inputs, or smaller errors would decide.
* `approximation`: a curve that follows the data and is not the law. Use it inside the range of the rows only. More
  time (`--time-limit`), `--lib special`, or a form that you know (`--like "a*exp(-k*t) + b"`) may lead further.
* `nothing`: these inputs do not explain this target. Say so.
* Never quote `r2` without `verdict`. An r² of 0.999 can belong to a wrong formula.

## After

    kan predict RUN NEW.csv > predictions.csv      predictions by the formula
    kan eval RUN TEST.csv --json                   r², rmse on other rows
    kan export RUN -f python --with-test           source text in 17 languages and formats
    kan report RUN -o report.html                  one page for a person

The same table, options and `--seed` give the same formula, whatever `--jobs`; a search that the time limit ended says
so (`ended_after` in the metadata). Nothing is overwritten: each call makes a new version in `runs/`, or `--run DIR`.

## Exit codes

"""


def agent() -> str:
    """The page as Markdown."""
    codes = "".join(f"| {code} | {meaning} |\n" for code, meaning in EXIT_CODES.items())
    return f"{TEXT}| code | meaning |\n|---|---|\n{codes}"
