"""Time, memory and cost of a run, as ranges; a measured trial makes them narrow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.config.training import TrainingConfig
from core.hardware.cards.reader import Card
from core.hardware.system.energy import Range, cost_range, forecast
from core.hardware.system.machine import Machine
from core.language import Sentence, _, ngettext
from core.models.shape import ModelShape
from core.planning.memory import MemoryNeed, MemorySettings, memory_need
from core.planning.planner import planned_settings, seconds_per_token
from core.planning.presets import PlanInput
from core.planning.workload import Workload, flops_per_token, workload

# The bf16 (or fp16) matrix rate with 32-bit sums, as the makers state it, without sparsity.
_TFLOPS = {  # not shown: names of cards
    "RTX 5090": 210, "RTX 5080": 113, "RTX 5070 Ti": 88, "RTX 5070": 62, "RTX 5060 Ti": 47,
    "RTX 5060": 38, "RTX 4090": 165, "RTX 4080": 98, "RTX 4070 Ti": 80, "RTX 4070": 58,
    "RTX 4060 Ti": 44, "RTX 4060": 30, "RTX 3090 Ti": 80, "RTX 3090": 71, "RTX 3080 Ti": 68,
    "RTX 3080": 60, "RTX 3070 Ti": 43, "RTX 3070": 41, "RTX 3060 Ti": 32, "RTX 3060": 25,
    "RTX 2080 Ti": 54, "RTX A6000": 155, "RTX A5000": 111, "RTX A4000": 77, "L40S": 362,
    "L40": 181, "L4": 121, "A100": 312, "A10": 125, "H100": 800, "H200": 800, "T4": 65,
}  # fmt: skip
_UNKNOWN_CARD = Range(15e12, 120e12)
_CARD_EFFICIENCY = Range(0.15, 0.45)  # of that rate, in practice
_CORE_FLOPS = Range(15e9, 120e9)  # one processor core, old to new
_USEFUL_CORES = 16
_CARD_POWER = Range(0.6, 1.0)  # of the card's power limit while it trains
_GAIN = Range(0.14, 0.8)  # what each further card adds; two H100s were measured at 1.14 times one
_START_SECONDS = Range(10, 60)
_MEASURED_SPREAD = Range(0.9, 1.25)  # early steps, heat and other programs


_FASTEST = 1e12  # tokens a second


@dataclass(frozen=True, slots=True)
class Measured:
    """What a trial run found out on this machine with these settings."""

    tokens_per_second: float
    peak_memory: int | None = None
    watts: float | None = None
    validation_seconds: float | None = None

    @classmethod
    def from_trial(cls, trial: Mapping[str, Any]) -> Measured | None:
        """Return what a run's ``trial.json`` tells, ``None`` if it holds no speed."""
        speed = trial.get("tokens_per_second")
        if not isinstance(speed, (int, float)) or not 0 < speed < _FASTEST:
            return None
        return cls(
            tokens_per_second=speed,
            peak_memory=_number(trial.get("peak_memory_bytes")),
            watts=_number(trial.get("watts")),
            validation_seconds=_number(trial.get("validation_seconds")),
        )


def _number(value: object) -> Any:
    """A project may come from elsewhere, and hold anything in the place of a number."""
    return value if isinstance(value, int | float) and 0 <= value < 1e15 else None


@dataclass(frozen=True, slots=True)
class Hardware:
    """Where the run will train; without ``card`` on the processor."""

    machine: Machine
    card: Card | None = None
    extra_watts: float = 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will take.

    Attributes:
        seconds: wall time of the whole run, if no early stop shortens it.
        memory: parts of the peak; ``peak`` is the measured one where there was a trial.
        joules: ``None`` where the power cannot be known (no card).
        cost: in the tariff's currency, ``None`` like ``joules``.
        measured: a trial run stands behind the figures.
    """

    work: Workload
    seconds: Range
    memory: MemoryNeed
    peak: int
    joules: Range | None
    cost: Range | None
    measured: bool


def estimate(
    plan_input: PlanInput,
    config: TrainingConfig,
    hardware: Hardware,
    tariff: float,
    measured: Measured | None = None,
) -> Estimate:
    """Estimate a run of ``config``.

    Args:
        tariff: price of one kilowatt-hour.
        measured: the result of a trial with the same model and settings.
    """
    work = workload(plan_input.data, config)
    settings = memory_settings(plan_input, config)
    need = memory_need(plan_input.shape, settings)
    seconds = _seconds(plan_input, settings, work, hardware, measured)
    watts = _watts(hardware, measured, plan_input.cards)
    joules = forecast(watts, seconds) if watts else None
    return Estimate(
        work=work,
        seconds=seconds,
        memory=need,
        peak=_peak(need, plan_input, measured),
        joules=joules,
        cost=cost_range(joules, tariff) if joules else None,
        measured=measured is not None,
    )


def memory_settings(plan_input: PlanInput, config: TrainingConfig) -> MemorySettings:
    """Return what the memory model needs to know about ``config``."""
    return planned_settings(plan_input.shape, config, plan_input.room, plan_input.model_type)


def _peak(need: MemoryNeed, plan_input: PlanInput, measured: Measured | None) -> int:
    """The measured peak; on a card the driver's own share is not part of the measurement."""
    if measured is None or not measured.peak_memory:
        return need.total
    return measured.peak_memory + (need.context if plan_input.device == "gpu" else 0)


def _seconds(
    plan_input: PlanInput,
    settings: MemorySettings,
    work: Workload,
    hardware: Hardware,
    measured: Measured | None,
) -> Range:
    gain = _together(plan_input.cards)
    if measured is not None:
        check = measured.validation_seconds
        if check is None:
            check = work.validation_tokens / measured.tokens_per_second / 3
        took = work.train_tokens / measured.tokens_per_second + work.validations * check
        alone = _MEASURED_SPREAD.scaled(took)
    else:
        shape, rate = plan_input.shape, operations_per_second(hardware)
        per_token = flops_per_token(shape, settings.recompute, plan_input.data.mean_tokens)
        operations = work.tokens * per_token
        alone = Range(
            operations / rate.high * _copying(shape, settings, rate.high),
            operations / rate.low * _copying(shape, settings, rate.low),
        )
    return Range(
        alone.low / gain.high + _START_SECONDS.low, alone.high / gain.low + _START_SECONDS.high
    )


def _copying(shape: ModelShape, settings: MemorySettings, rate: float) -> float:
    """How many times longer it takes for what comes from the computer's memory: 1 without."""
    resident = replace(settings, offload_inputs=False, host_embedding=False, stream_layers=0)
    wanted, best = (seconds_per_token(shape, plan, rate) for plan in (settings, resident))
    return wanted / best


def _together(cards: int) -> Range:
    """How many times faster several cards are than one; a trial measures one."""
    return Range(1 + _GAIN.low * (cards - 1), 1 + _GAIN.high * (cards - 1))


def operations_per_second(hardware: Hardware) -> Range:
    """Return the useful floating-point operations a second of a card or the processor."""
    if hardware.card is None:
        return _CORE_FLOPS.scaled(min(hardware.machine.cores, _USEFUL_CORES))
    rated = rated_flops(hardware.card.name)
    low, high = (rated, rated) if rated else (_UNKNOWN_CARD.low, _UNKNOWN_CARD.high)
    return Range(low * _CARD_EFFICIENCY.low, high * _CARD_EFFICIENCY.high)


def rated_flops(card_name: str) -> float | None:
    """Return the stated matrix rate of a card by its name, ``None`` for an unknown card."""
    words = card_name.replace("-", " ").split()
    for name in sorted(_TFLOPS, key=len, reverse=True):
        wanted = name.split()
        if any(words[at : at + len(wanted)] == wanted for at in range(len(words))):
            return _TFLOPS[name] * 1e12
    return None


def _watts(hardware: Hardware, measured: Measured | None, cards: int) -> Range | None:
    """All cards, and the rest of the computer once; a trial measures one card."""
    if measured is not None and measured.watts is not None:
        card = Range(measured.watts, measured.watts)
    elif hardware.card is None or hardware.card.power_limit is None:
        return None
    else:
        card = _CARD_POWER.scaled(hardware.card.power_limit)
    together, extra = card.scaled(cards), hardware.extra_watts
    return Range(together.low + extra, together.high + extra)


def duration_text(seconds: Range) -> Sentence:
    """Return a range of time for people: ``"about 1 h"``, ``"10 to 25 min"``."""
    low, high = _rounded(seconds.low), _rounded(seconds.high)
    if low == high:
        return _("about {time}", time=_with_unit(*high))
    if low[1] == high[1]:
        return _("{low:g} to {time}", low=low[0], time=_with_unit(*high))
    # Translators: two times with their units, for example "45 min to 2 h".
    return _("{low} to {high}", low=_with_unit(*low), high=_with_unit(*high))


def _with_unit(amount: float, unit: str) -> Sentence:
    if unit == "s":
        return _("{seconds:g} s", seconds=amount)
    if unit == "min":
        return _("{minutes:g} min", minutes=amount)
    if unit == "h":
        return _("{hours:g} h", hours=amount)
    return ngettext("{count} day", "{count} days", round(amount))


def _rounded(seconds: float) -> tuple[float, str]:
    """Return the amount and its unit: ``s``, ``min``, ``h`` or ``days``."""
    if seconds < 50:
        return max(5, 5 * round(seconds / 5)), "s"
    minutes = seconds / 60
    if minutes < 50:
        step = 1 if minutes < 10 else 5
        return max(1, step * round(minutes / step)), "min"
    hours = minutes / 60
    if hours < 9.75:
        return round(hours * 2) / 2 or 0.5, "h"
    return (round(hours), "h") if hours < 48 else (round(hours / 24), "days")
