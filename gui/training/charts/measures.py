"""What can be plotted of a run, and how it is described in words. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.events import Telemetry
from core.language import N_, _, in_a_row
from gui.training.series import Series
from gui.training.view_model import TrainingViewModel

# How a line is drawn; each role has its own colour, dashes and signs (gui.training.charts.chart).
Role = Literal["main", "faint", "unseen", "second", "other1", "other2", "other3", "other4"]
OTHER_ROLES: tuple[Role, ...] = ("other1", "other2", "other3", "other4")
_BAND_WATTS = 0.03  # share of the power limit below it that counts as reached


@dataclass(frozen=True, slots=True)
class Words:
    """What a measure is called, in English; see :class:`Measure` for each."""

    title: str
    name: str
    axis: str = ""
    second: str = ""
    second_now: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that can be plotted.

    Attributes:
        series: which of the run's series; with ``unseen`` the checks are drawn beside it.
        second: another series, drawn beside it where it was measured.
        figure: format of one value.
        along: what the horizontal axis counts.
    """

    key: str
    series: str
    words: Words
    figure: str
    along: Literal["step", "minutes"] = "step"
    unseen: bool = False
    glossary: str = ""
    second: str = ""

    @property
    def title(self) -> str:
        """The heading of its plot."""
        return _(self.words.title)

    @property
    def name(self) -> str:
        """Its line in the legend."""
        return _(self.words.name)

    @property
    def second_name(self) -> str:
        """The line of the second series in the legend."""
        return _(self.words.second)

    @property
    def axis(self) -> str:
        """The label of the vertical axis, ``""`` where it needs none."""
        return _(self.words.axis) if self.words.axis else ""

    @property
    def along_name(self) -> str:
        """The label of the horizontal axis."""
        return _("step") if self.along == "step" else _("minutes")

    def say(self, value: float) -> str:
        """Return a value with its unit."""
        return _(self.figure, value=float(value))

    def say_where(self, x: float) -> str:
        """Return a place on the horizontal axis."""
        if self.along == "step":
            return _("step {place:,.0f}", place=float(x))
        return _("minute {place:,.1f}", place=float(x))


LOSS = Measure(
    key="loss",
    series="smoothed",
    words=Words(N_("How wrong the model is"), N_("training, smoothed"), N_("how wrong (loss)")),
    figure="{value:.3f}",
    unseen=True,
    glossary="loss",
)
TEMPERATURE = Measure(
    key="temperature",
    series="temperature",
    words=Words(
        N_("Temperature"), N_("temperature"), "°C", N_("its memory"), N_("Its memory: now {value}.")
    ),
    figure=N_("{value:.0f} °C"),
    along="minutes",
    second="memory_temperature",
)
OTHER_MEASURES = (
    TEMPERATURE,
    Measure(
        key="power",
        series="power",
        words=Words(N_("Power"), N_("power"), N_("watts")),
        figure=N_("{value:.0f} W"),
        along="minutes",
    ),
    Measure(
        key="speed",
        series="speed",
        words=Words(N_("Speed"), N_("speed"), N_("tokens/s")),
        figure=N_("{value:,.0f} tokens/s"),
        glossary="token",
    ),
    Measure(
        key="learning_rate",
        series="learning_rate",
        words=Words(N_("Learning rate"), N_("learning rate")),
        figure="{value:.2e}",
        glossary="learning_rate",
    ),
    Measure(
        key="grad_norm",
        series="grad_norm",
        words=Words(N_("Gradient norm"), N_("gradient norm")),
        figure="{value:.2f}",
        glossary="grad_norm",
    ),
    Measure(
        key="practice",
        series="smoothed",
        words=Words(N_("Training loss"), N_("training, smoothed"), N_("loss")),
        figure="{value:.3f}",
        glossary="loss",
    ),
)


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
    measure: Measure, view_model: TrainingViewModel, others: Mapping[str, TrainingViewModel]
) -> list[Trace]:
    """Return the lines of a plot; of each other run there is one, under the run's name."""
    own = [Trace(measure.name, getattr(view_model, measure.series), "main")]
    if measure.unseen:
        own.insert(0, Trace(_("training, each step"), view_model.raw, "faint"))
        own.append(Trace(_("unseen examples"), view_model.checks, "unseen"))
        if len(view_model.everyday):
            own.append(Trace(_("everyday answers"), view_model.everyday, "second"))
    if measure.second and len(getattr(view_model, measure.second)):
        own.append(Trace(measure.second_name, getattr(view_model, measure.second), "second"))
    compared = "checks" if measure.unseen else measure.series
    rest = [
        Trace(_unseen(name) if measure.unseen else name, getattr(other, compared), role)
        for role, (name, other) in zip(OTHER_ROLES, others.items(), strict=False)
    ]
    return own + rest


def _unseen(run: str) -> str:
    return _("{run}, unseen examples", run=run)


def bands_of(measure: Measure, view_model: TrainingViewModel) -> list[Band]:
    """Return the parts in which the card is warm, slows itself down or is at its power limit."""
    reading = view_model.telemetry
    if reading is None:
        return []
    if measure.key == "temperature":
        return _heat_bands(reading)
    if measure.key == "power" and reading.power_limit is not None:
        limit = reading.power_limit
        return [Band(limit * (1 - _BAND_WATTS), limit, _("power limit"))]
    return []


def _heat_bands(reading: Telemetry) -> list[Band]:
    bands = []
    if reading.warn_at is not None and reading.pause_at is not None:
        text = _("warm: pauses at {value:.0f} °C", value=reading.pause_at)
        bands.append(Band(reading.warn_at, reading.pause_at, text))
    if reading.slowdown_at is not None:
        text = _("slows itself down at {value:.0f} °C", value=reading.slowdown_at)
        bands.append(Band(reading.slowdown_at, reading.slowdown_at, text))
    return bands


def values_at(measure: Measure, traces: Sequence[Trace], x: float) -> str:
    """Return in words what the lines show at ``x``: the nearest point of each."""
    parts: list[str] = [measure.say_where(x)]
    for trace in traces:
        if not len(trace.series):
            continue
        place = trace.series.nearest(x)
        there = float(trace.series.x[place])
        value = measure.say(float(trace.series.y[place]))
        if there != x:
            # Translators: {place} is a text like "step 12" or "minute 3.5".
            value = _("{value} at {place}", value=value, place=measure.say_where(there))
        parts.append(f"{trace.name} {value}")
    return " · ".join(parts)


def in_words(measure: Measure, view_model: TrainingViewModel, traces: Sequence[Trace]) -> str:
    """Return what a plot shows, for those who do not see it."""
    if measure.unseen:
        return _losses_in_words(view_model)
    series: Series = getattr(view_model, measure.series)
    if not len(series):
        return _("Nothing has been measured yet.")
    now, most, least = series.y[-1], series.y.max(), series.y.min()
    said: list[str] = [
        _(
            "Now {now}, highest {most}, lowest {least}.",
            now=measure.say(now),
            most=measure.say(most),
            least=measure.say(least),
        )
    ]
    for trace in traces:
        if trace.role == "second":
            said.append(_(measure.words.second_now, value=measure.say(trace.series.y[-1])))
    others = [trace.name for trace in traces if trace.role in OTHER_ROLES]
    if others:
        said.append(_("Compared with {runs}.", runs=in_a_row(others)))
    return " ".join(said)


def _losses_in_words(view_model: TrainingViewModel) -> str:
    if not len(view_model.smoothed):
        return _("No step has been done yet.")
    step, practice = int(view_model.smoothed.x[-1]), float(view_model.smoothed.y[-1])
    said: list[str] = [_("Step {step:,}: training loss {loss:.2f}.", step=step, loss=practice)]
    if len(view_model.checks):
        said.append(_("Unseen examples: {loss:.2f}.", loss=float(view_model.checks.y[-1])))
    if len(view_model.everyday):
        first, last = (float(view_model.everyday.y[place]) for place in (0, -1))
        said.append(
            _("Everyday answers: {last:.2f}, at first {first:.2f}.", first=first, last=last)
        )
    if view_model.best is not None:
        step, loss = view_model.best
        said.append(_("Best: {loss:.2f} at step {step:,}.", loss=loss, step=step))
    return " ".join(said)
