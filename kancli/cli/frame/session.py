"""What every stage command does around its stage: options, data, run directory, progress, saving."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kancli.cli.output.streams import Streams
from kancli.cli.signals import check
from kancli.errors import UsageError
from kancli.threads import cores, set_torch_threads

if TYPE_CHECKING:
    from kancli.checkpoint import Checkpoint
    from kancli.dataset import Dataset
    from kancli.recipe import Recipe, StageName
    from kancli.stages.pipeline import Finished, Stage


@dataclass(frozen=True)
class Session:
    """One invocation of a command: its streams, and the flags that were typed."""

    streams: Streams
    flags: Mapping[tuple[str | int, ...], Any] = field(default_factory=dict)
    names: Mapping[tuple[str | int, ...], str] = field(default_factory=dict)
    recipe_file: str | None = None

    def recipe(self, *, base: Mapping[str, Any] | None = None, train: bool | None = None) -> Recipe:
        """The resolved recipe: flags over `--recipe` over `base` over defaults.

        `train`: whether it needs a train section; None: decided by its stages.
        """
        from kancli.recipe import load, resolve

        document = load(self.recipe_file) if self.recipe_file else None
        return resolve(document, self.flags, base=base, names=self.names, train=train)

    def with_flag(self, loc: tuple[str, ...], value: Any) -> Session:
        """The session as if one more flag had been typed; None leaves it as it is."""
        if value is None:
            return self
        return Session(self.streams, {**self.flags, loc: value}, self.names, self.recipe_file)

    def read_data(self, recipe: Recipe) -> Dataset:
        """The recipe's table; its remarks go to standard error."""
        from kancli.stages.source import STANDARD_INPUT, read

        if recipe.data.path == STANDARD_INPUT and sys.stdin.isatty():
            raise UsageError("DATA is - but standard input is a terminal", "pipe a table into it")
        dataset = read(recipe.data, recipe.seed)
        for remark in dataset.remarks:
            self.streams.remark(remark)
        return dataset

    def start(
        self,
        recipe: Recipe,
        stages: Sequence[StageName],
        *,
        dataset: Dataset | None = None,
        find: Callable[[StageName], Stage] | None = None,
    ) -> Iterator[Finished]:
        """Run stages that begin with train, in a run directory of their own.

        `dataset` where the table has been read already, `find` where stages have been run already.
        """
        from kancli.stages.source import describe

        self.require_place(recipe)
        dataset = dataset or self.read_data(recipe)

        def open_run() -> tuple[Path, dict[str, Any]]:
            run = self._new_run(recipe)
            return run, describe(dataset, recipe.data, recipe.seed, run)

        yield from self._stages(recipe, dataset, open_run, stages, None, find)

    def keep(
        self,
        recipe: Recipe,
        dataset: Dataset,
        road: Sequence[tuple[Checkpoint, Dataset]],
        seconds: float,
        run: Path | None = None,
        *,
        quiet: bool = False,
    ) -> Iterator[Finished]:
        """Save what a search of `seconds` seconds has found, in the directory `run`, by default one of its own.

        Each version comes with the data that it was made from: the table itself, or one made of it. `quiet`: only -v
        says what is kept.
        """
        from kancli.cli.output.render import kept_line
        from kancli.stages.pipeline import keep
        from kancli.stages.source import describe, describe_derived

        run = run or self._new_run(recipe)
        table = describe(dataset, recipe.data, recipe.seed, run)
        kept = [
            (version, table if made_from is dataset else describe_derived(made_from, table, run))
            for version, made_from in road
        ]
        for finished in keep(kept, recipe, run, table, seconds):
            if quiet:
                self.streams.detail(f"kept as {finished.checkpoint.path}")
            else:
                self.streams.remark(kept_line(finished.checkpoint))
                self._say_more(finished)
            yield finished

    def go_on(self, recipe: Recipe, parent: Checkpoint, stages: Sequence[StageName]) -> Iterator[Finished]:
        """Run later stages of a recipe on a version that has just been kept."""
        from kancli.stages.source import reopen

        if stages:
            assert parent.path is not None
            dataset, data = reopen(parent)
            place = (parent.path.parent, data)
            yield from self._stages(recipe, dataset, lambda: place, stages, parent)

    def require_place(self, recipe: Recipe) -> None:
        """Raise UsageError where what the recipe finds could not be kept, before it is looked for."""
        from kancli.checkpoint import require_place

        require_place(Path("runs"), _directory(recipe))

    def _new_run(self, recipe: Recipe) -> Path:
        from kancli.checkpoint import new_run

        command = ["kan", *sys.argv[1:]]
        return new_run(Path("runs"), recipe.data.path, directory=_directory(recipe), command=command)

    def _say_more(self, finished: Finished) -> None:
        """Where a version is kept, with -v, and its remarks."""
        self.streams.detail(f"kept as {finished.checkpoint.path}")
        if finished.checkpoint.stage != "train":  # whose remarks are those on the table
            for remark in finished.checkpoint.metadata.get("remarks", ()):
                self.streams.remark(f"{finished.checkpoint.stage}: {remark}")

    def resume(self, name: StageName, run: str | None, data_path: str | None) -> Finished:
        """Run one later stage on a checkpoint; its version goes to the same run directory."""
        from kancli.checkpoint import load, require_place
        from kancli.stages.pipeline import stage_function
        from kancli.stages.source import reopen

        if names_standard_input(run):
            # In a pipe all stages start together: torch is imported while the earlier ones run.
            stage_function(name)
        parent = load(self.find(run))
        assert parent.path is not None
        require_place(parent.path.parent, hint=None)
        before = dict(parent.metadata.get("recipe", {}))
        base = {key: before[key] for key in ("seed", "data", "train") if key in before}
        recipe = self.recipe(base=base, train=False)
        dataset, data = reopen(parent, data_path)
        if data["fingerprint"] != parent.metadata["data"]["fingerprint"]:
            self.streams.remark(f"{data_path}: other rows than the network was trained on")
        place = (parent.path.parent, data)
        (finished,) = self._stages(recipe, dataset, lambda: place, [name], parent)
        return finished

    def find(self, run: str | None) -> Path:
        """The checkpoint that RUN names; without RUN, the one named by a pipe, else the last one."""
        path, number = self.find_member(run)
        if number is not None:
            raise UsageError(
                f"{run}: one formula of a front, and this command takes a whole version",
                "kan show, kan export, kan predict and kan eval take one",
            )
        return path

    def find_member(self, run: str | None) -> tuple[Path, int | None]:
        """The same for commands that take one formula of a front, and its number where RUN is like last#3."""
        from kancli.checkpoint import resolve, split_member

        run, number = split_member(run)
        return resolve("-" if names_standard_input(run) else run, stream=sys.stdin), number

    def _stages(
        self,
        recipe: Recipe,
        dataset: Dataset,
        open_run: Callable[[], tuple[Path, Mapping[str, Any]]],
        stages: Sequence[StageName],
        parent: Checkpoint | None,
        find: Callable[[StageName], Stage] | None = None,
    ) -> Iterator[Finished]:
        from kancli.cli.output.progress import watching
        from kancli.cli.output.render import finished_line, options_line
        from kancli.stages.pipeline import run_stages, stage_function

        set_threads(recipe.run.threads)
        jobs = recipe.run.jobs or cores()
        self.streams.detail(f"seed {recipe.seed}, {jobs} jobs of {recipe.run.threads} threads")
        for name in dict.fromkeys(stages):
            self.streams.detail(options_line(name, getattr(recipe, name).model_dump(mode="json")))
        kept = None
        try:
            with watching(self.streams) as report:
                for finished in run_stages(
                    recipe,
                    dataset,
                    stages=stages,
                    open_run=open_run,
                    jobs=jobs,
                    report=report,
                    parent=parent,
                    find=find or stage_function,
                ):
                    kept = finished.checkpoint.path
                    check()
                    self.streams.remark(finished_line(finished))
                    self._say_more(finished)
                    yield finished
        except (Exception, GeneratorExit):
            raise
        except BaseException:
            if kept is not None:
                self.streams.remark(f"kept: {kept}")
            raise


def _directory(recipe: Recipe) -> Path | None:
    return Path(recipe.run.directory) if recipe.run.directory else None


def names_standard_input(run: str | None) -> bool:
    """Whether RUN is read from standard input: requested with -, or left out in a pipe."""
    return run == "-" or (run is None and piped())


def piped() -> bool:
    """Whether standard input is a pipe: RUN is not read from a terminal or a file."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def set_threads(threads: int) -> None:
    """Give torch its threads, also when it is loaded only later; worker processes inherit the environment."""
    from kancli.cli.frame.entry import THREAD_VARIABLES

    if threads > 1:
        os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(threads)))
    set_torch_threads(threads)
