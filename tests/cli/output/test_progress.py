"""Progress off a terminal: a line every ten seconds, with the time that is left."""

from __future__ import annotations

from typing import Any

import pytest

from kancli.cli.output.figures import duration, near_one
from kancli.cli.output.progress import Events, Pace, PlainLines, line
from kancli.stages.progress import Progress


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def at(step: int, stage: str = "train", total: int | None = 100) -> Progress:
    return Progress(stage, step, total, 1e-4, 0.5)


def test_at_most_one_line_every_ten_seconds() -> None:
    clock, said = Clock(), list[str]()
    report = PlainLines(said.append, clock)
    for second in range(35):
        clock.now = float(second)
        report(at(second))
    assert [text.split(",")[0] for text in said] == [
        "train: step 10/100", "train: step 20/100", "train: step 30/100",
    ]  # fmt: skip


def test_time_left_follows_the_pace_so_far() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.left(at(0)) is None
    clock.now = 5.0
    assert pace.left(at(25)) == pytest.approx(15.0)


def test_the_pace_starts_anew_with_each_stage() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.left(at(0))
    clock.now = 50.0
    assert pace.left(at(3, stage="prune")) is None


def test_without_a_total_no_time_left_is_claimed() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.left(at(0, total=None))
    clock.now = 1.0
    assert pace.left(at(5, total=None)) is None


def test_a_line_holds_stage_step_loss_r2_and_time_left() -> None:
    assert line(at(12), 8.4) == "train: step 12/100, loss 0.0001, r² 0.5, 8.4 s left"
    assert line(Progress("prune", 3, None, None, None, "9 edges"), None) == "prune: step 3, 9 edges"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3780, "1 h 03 min"),
    ],
)
def test_durations_are_written_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("r2", "text"),
    [(0.87, "0.87"), (0.9998, "0.9998"), (1 - 1e-12, "1-1.0e-12"), (1.0, "1"), (-3.5, "-3.5"), (None, "-")],
)
def test_r2_shows_how_far_from_one_it_is(r2: float | None, text: str) -> None:
    assert near_one(r2) == text


def test_a_program_gets_every_message_and_steps_at_most_twice_per_second() -> None:
    clock, heard = Clock(), list[dict[str, Any]]()
    report = Events(heard.append, clock)
    for tenth in range(12):
        clock.now = tenth / 10
        report(at(tenth))
    report(Progress("fit", 0, None, None, None, "a formula"))
    assert [event["step"] for event in heard] == [0, 5, 10, 0]
    assert heard[-1]["message"] == "a formula"
    assert {event["event"] for event in heard} == {"progress"}
