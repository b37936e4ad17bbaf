"""What of a training can be plotted, and how it is said in words. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.jobs.events import Telemetry
from gui.series import Series
from gui.training_story import TrainingStory

# How a line is drawn; each role has its own colour, dashes and signs (gui.widgets.chart).
Role = Literal["main", "faint", "unseen", "second", "other1", "other2", "other3", "other4"]
OTHER_ROLES: tuple[Role, ...] = ("other1", "other2", "other3", "other4")
_BAND_WATTS = 0.03  # share of the power limit below it that counts as reached


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that can be plotted.

    Attributes:
        series: which of the story's series; with ``unseen`` the checks are drawn beside it.
        second: another of them that is drawn beside it where it was measured, ``second_name``.
        axis: what stands at the vertical axis, ``along`` at the horizontal one.
        figure: format of one value.
    """

    key: str
    title: str
    series: str
    name: str
    axis: str
    figure: str
    along: str = "step"
    unseen: bool = False
    glossary: str = ""
    second: str = ""
    second_name: str = ""

    def say(self, value: float) -> str:
        """Return a value with its unit."""
        return self.figure.format(value)

    def say_where(self, x: float) -> str:
        """Return a place on the horizontal axis."""
        return f"step {x:,.0f}" if self.along == "step" else f"minute {x:,.1f}"


LOSS = Measure(
    key="loss",
    title="How wrong the model is",
    series="smoothed",
    name="practice, smoothed",
    axis="how wrong (loss)",
    figure="{:.3f}",
    unseen=True,
    glossary="loss",
)
TEMPERATURE = Measure(
    key="temperature",
    title="Temperature",
    series="temperature",
    name="temperature",
    axis="°C",
    figure="{:.0f} °C",
    along="minutes",
    second="memory_temperature",
    second_name="its memory",
)
OTHER_MEASURES = (
    TEMPERATURE,
    Measure("power", "Power", "power", "power", "watts", "{:.0f} W", "minutes"),
    Measure("speed", "Speed", "speed", "speed", "tokens/s", "{:,.0f} tokens/s", glossary="token"),
    Measure("learning_rate", "Learning rate", "learning_rate", "learning rate", "", "{:.2e}",
            glossary="learning_rate"),
    Measure("grad_norm", "Gradient norm", "grad_norm", "gradient norm", "", "{:.2f}",
            glossary="grad_norm"),
    Measure("practice", "Practice loss", "smoothed", "practice, smoothed", "loss", "{:.3f}",
            glossary="loss"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trace:
    """One line of a plot: its name in the legend, its points, and how it is drawn."""

    name: str
    series: Series
    role: Role


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the vertical axis in which something happens, named ``text``; a line if empty."""

    low: float
    high: float
    text: str


def traces_of(
    measure: Measure, story: TrainingStory, others: Mapping[str, TrainingStory]
) -> list[Trace]:
    """Return the lines of a plot; of each other run there is one, under the run's name."""
    own = [Trace(measure.name, getattr(story, measure.series), "main")]
    if measure.unseen:
        own.insert(0, Trace("practice, each step", story.raw, "faint"))
        own.append(Trace("unseen examples", story.checks, "unseen"))
    if measure.second and len(getattr(story, measure.second)):
        own.append(Trace(measure.second_name, getattr(story, measure.second), "second"))
    compared = "checks" if measure.unseen else measure.series
    suffix = ", unseen examples" if measure.unseen else ""
    rest = [
        Trace(f"{name}{suffix}", getattr(other, compared), role)
        for role, (name, other) in zip(OTHER_ROLES, others.items(), strict=False)
    ]
    return own + rest


def bands_of(measure: Measure, story: TrainingStory) -> list[Band]:
    """Return the parts in which the card is warm, slows itself down or is at its power limit."""
    reading = story.telemetry
    if reading is None:
        return []
    if measure.key == "temperature":
        return _heat_bands(reading)
    if measure.key == "power" and reading.power_limit is not None:
        limit = reading.power_limit
        return [Band(limit * (1 - _BAND_WATTS), limit, "power limit")]
    return []


def _heat_bands(reading: Telemetry) -> list[Band]:
    bands = []
    if reading.warn_at is not None and reading.pause_at is not None:
        text = f"warm: pauses at {reading.pause_at:.0f} °C"
        bands.append(Band(reading.warn_at, reading.pause_at, text))
    if reading.slowdown_at is not None:
        text = f"slows itself down at {reading.slowdown_at:.0f} °C"
        bands.append(Band(reading.slowdown_at, reading.slowdown_at, text))
    return bands


def values_at(measure: Measure, traces: Sequence[Trace], x: float) -> str:
    """Return in words what the lines show at ``x``: the nearest point of each."""
    parts = [measure.say_where(x)]
    for trace in traces:
        if not len(trace.series):
            continue
        place = trace.series.nearest(x)
        there = float(trace.series.x[place])
        value = measure.say(float(trace.series.y[place]))
        where = "" if there == x else f" at {measure.say_where(there)}"
        parts.append(f"{trace.name} {value}{where}")
    return " · ".join(parts)


def in_words(measure: Measure, story: TrainingStory, traces: Sequence[Trace]) -> str:
    """Return what a plot shows, for those who do not see it."""
    if measure.unseen:
        return _losses_in_words(story)
    series: Series = getattr(story, measure.series)
    if not len(series):
        return "Nothing has been measured yet."
    now, most, least = series.y[-1], series.y.max(), series.y.min()
    text = f"Now {measure.say(now)}, highest {measure.say(most)}, lowest {measure.say(least)}."
    for trace in traces:
        if trace.role == "second":
            text += f" {trace.name.capitalize()}: now {measure.say(trace.series.y[-1])}."
    others = [trace.name for trace in traces if trace.role in OTHER_ROLES]
    return f"{text} Compared with {', '.join(others)}." if others else text


def _losses_in_words(story: TrainingStory) -> str:
    if not len(story.smoothed):
        return "No step has been done yet."
    text = f"Step {story.smoothed.x[-1]:.0f}: practice {story.smoothed.y[-1]:.2f}"
    if len(story.checks):
        text += f", unseen examples {story.checks.y[-1]:.2f}"
    if story.best is not None:
        text += f"; best {story.best[1]:.2f} at step {story.best[0]}"
    return text + "."
