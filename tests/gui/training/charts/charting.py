"""Stories and traces for the tests of the plots."""

from __future__ import annotations

from gui.training.charts.measures import LOSS, Measure, Trace, traces_of
from gui.training.series import Series
from gui.training.view_model import TrainingViewModel
from tests.gui.scenes import training_events


def view_model(steps: int = 40, *, card: bool = True) -> TrainingViewModel:
    made = TrainingViewModel()
    for event in training_events(steps, 40, card=card):
        made.take(event)
    return made


def line(points: int, role: str = "main") -> Trace:
    series = Series()
    for n in range(points):
        series.add(n, 1 + (n % 7) / 10)
    return Trace(role, series, role)  # type: ignore[arg-type]


def losses(of: TrainingViewModel, measure: Measure = LOSS) -> list[Trace]:
    return traces_of(measure, of, {})
