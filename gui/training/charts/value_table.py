"""The values of a measure, as the table beside its plot shows them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gui.kit.value_table import Values
from gui.training.charts.measures import Measure, Trace


def values_of(measure: Measure, traces: Sequence[Trace]) -> Values:
    """Return a row for each place where something was measured, a column for each line."""
    drawn = [trace for trace in traces if len(trace.series)]
    along = [trace.series.x for trace in drawn]
    places = np.unique(np.concatenate(along)) if along else np.zeros(0)

    def text(row: int, column: int) -> str:
        place = float(places[row])
        if not column:
            return measure.say_where(place)
        series = drawn[column - 1].series
        nearest = series.nearest(place)
        return measure.say(series.y[nearest]) if series.x[nearest] == place else ""

    columns = (measure.along_name, *(trace.name for trace in drawn))
    return Values(measure.title, columns, len(places), text)
