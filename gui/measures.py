"""What of a training can be plotted, and how it is said in words. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gui.series import Series
from gui.training_story import TrainingStory

# How a line is drawn; each role has its own colour, dashes and signs (gui.widgets.chart).
Role = Literal["main", "faint", "unseen", "other1", "other2", "other3", "other4"]
OTHER_ROLES: tuple[Role, ...] = ("other1", "other2", "other3", "other4")
_BAND_BELOW = 6.0  # °C below the slow-down point at which the warning band begins
_BAND_WATTS = 0.03  # share of the power limit below it that counts as reached


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that can be plotted.

    Attributes:
        series: which of the story's series; with ``unseen`` the checks are drawn beside it.
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
    """A part of the vertical axis in which something happens, named ``text``."""

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
    compared = "checks" if measure.unseen else measure.series
    suffix = ", unseen examples" if measure.unseen else ""
    rest = [
        Trace(f"{name}{suffix}", getattr(other, compared), role)
        for role, (name, other) in zip(OTHER_ROLES, others.items(), strict=False)
    ]
    return own + rest


def band_of(measure: Measure, story: TrainingStory) -> Band | None:
    """Return the part in which the card slows itself down or reaches its power limit."""
    reading = story.telemetry
    if reading is None:
        return None
    if measure.key == "temperature":
        top = reading.slowdown_at or reading.pause_at
        if top is None:
            return None
        low = reading.warn_at if reading.warn_at is not None else top - _BAND_BELOW
        return Band(low, top, "slows itself down")
    if measure.key == "power" and reading.power_limit is not None:
        limit = reading.power_limit
        return Band(limit * (1 - _BAND_WATTS), limit, "power limit")
    return None


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
    others = [trace.name for trace in traces[1:]]
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
