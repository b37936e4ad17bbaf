"""Ready-made settings, fitted to the model, the examples and the memory that is free.

The values of the presets are those of the guide that this application grew from: learning rate
5e-5 on a packed base, rank 16, alpha 32, effective batch 32, three epochs, clipping at 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from core.config.training import ALL_LINEARS, TrainingConfig
from core.errors import UserFacingError
from core.language import N_, _
from core.models.shape import ModelShape
from core.planning.memory import Device, Quantisation
from core.planning.planner import Room, planned_settings
from core.planning.workload import DatasetSize

SMALL_MODEL = 500_000_000  # parameters; below it a much higher learning rate is needed
_FUSED_LINEARS = ("qkv_proj", "o_proj", "gate_up_proj", "down_proj")
_LENGTH_STEP = 64
_FREE_LENGTH = 256  # tokens; no limit below it saves anything, and an estimate may be too low
_ONE_ROUND = 240  # examples of which one quick round makes 30 steps, enough to learn from
_LONGEST = {"gpu": 2048, "cpu": 1024}  # tokens of one example, unless you want more
_MICRO_BATCHES = {"gpu": (16384, 8192, 4096, 2048, 1024, 512), "cpu": (1024, 512, 256)}


@dataclass(frozen=True, slots=True)
class Preset:
    """A named set of values; ``description`` is one plain sentence."""

    key: str
    title: str
    description: str
    config: TrainingConfig


@dataclass(frozen=True, slots=True)
class PlanInput:
    """What presets depend on.

    Attributes:
        free_memory: bytes free on the card, or in RAM when there is no card; ``None`` if unknown.
        model_type: as in the model's config (``"phi3"`` has other layer names).
        host_memory: bytes free in RAM beside a card, for what waits there; ``None`` if unknown.
        cards: how many cards of that kind train together.
    """

    shape: ModelShape
    data: DatasetSize
    device: Device = "gpu"
    free_memory: int | None = None
    model_type: str = ""
    quantisation: Quantisation = "nf4"
    host_memory: int | None = None
    cards: int = 1

    @property
    def room(self) -> Room:
        """The memory that may be planned with."""
        return Room(self.device, self.free_memory, self.host_memory, self.cards)


class _Style(NamedTuple):
    """What makes a preset; ``rate`` is relative to the usual learning rate."""

    rate: float
    rank: int
    alpha: int
    epochs: float


_STYLES: dict[str, tuple[str, str, _Style]] = {
    "gentle": (
        N_("Gentle"),
        N_("Changes the style a little and forgets the least."),
        _Style(rate=0.4, rank=8, alpha=16, epochs=2.0),
    ),
    "balanced": (
        N_("Balanced"),
        N_("The right choice in most cases."),
        _Style(rate=1.0, rank=16, alpha=32, epochs=3.0),
    ),
    "thorough": (
        N_("Thorough"),
        N_("Learns more from many good examples; takes longer and needs more memory."),
        _Style(rate=1.0, rank=32, alpha=64, epochs=4.0),
    ),
}
SMALL_KEY = "small"
DEFAULT_KEY = "balanced"


def usual_learning_rate(shape: ModelShape, quantisation: Quantisation = "nf4") -> float:
    """Return the learning rate that usually works: small models need a higher one."""
    if shape.total_parameters < SMALL_MODEL:
        return 1e-3
    return 5e-5 if quantisation == "nf4" else 1e-4


def presets(plan_input: PlanInput) -> tuple[Preset, ...]:
    """Return the presets to offer, with a quick one before the others for small models."""
    found = [
        Preset(key, _(title), _(text), _config(plan_input, style))
        for key, (title, text, style) in _STYLES.items()
    ]
    if plan_input.shape.total_parameters < SMALL_MODEL:
        found.insert(0, _small(plan_input))
    return tuple(found)


def recommended(plan_input: PlanInput) -> str:
    """Return the key of the preset that is chosen until you choose.

    The quick one goes through the examples once, which is too little where they are few.
    """
    is_small = plan_input.shape.total_parameters < SMALL_MODEL
    is_enough = plan_input.data.train_examples >= _ONE_ROUND
    return SMALL_KEY if is_small and is_enough else DEFAULT_KEY


def find_preset(plan_input: PlanInput, key: str) -> Preset:
    """Return the preset ``key``, the recommended one for an unknown or unsuitable key."""
    offered = {preset.key: preset for preset in presets(plan_input)}
    return offered.get(key) or offered[recommended(plan_input)]


def _small(plan_input: PlanInput) -> Preset:
    style = _Style(rate=1.0, rank=16, alpha=32, epochs=1.0)
    config = _config(plan_input, style)
    config = config.with_values({"effective_batch": min(8, config.effective_batch)})
    text = _("For the sample project and other small models: learns in a few minutes.")
    return Preset(SMALL_KEY, _("Quick"), text, config)


def _config(plan_input: PlanInput, style: _Style) -> TrainingConfig:
    length = fitting_length(plan_input)
    rate = usual_learning_rate(plan_input.shape, plan_input.quantisation) * style.rate
    config = TrainingConfig(
        learning_rate=float(f"{rate:.1e}"),
        rank=style.rank,
        alpha=style.alpha,
        epochs=style.epochs,
        effective_batch=fitting_batch(plan_input.data.train_examples),
        max_length=length,
        quantisation=plan_input.quantisation,
        targets=_FUSED_LINEARS if plan_input.model_type == "phi3" else ALL_LINEARS,
    )
    return config.with_values({"micro_batch_tokens": fitting_micro_batch(plan_input, config)})


def fitting_batch(train_examples: int) -> int:
    """Return 32, or less for few examples, so that an epoch has at least about 20 steps.

    With fewer than 40 examples it is 1: an epoch then has as many steps as examples. A batch of
    at least 4 was measured (SmolLM2-135M, 32 examples, rate 1e-3, one seed): the best loss on
    unseen examples was 2.41 instead of 2.43, too little to tell apart, and 2.44 with six epochs
    instead of three. At the end of the run it was 2.43 instead of 2.84; the best adapter is kept.
    """
    return next((b for b in (32, 16, 8, 4, 2) if train_examples >= 20 * b), 1)


def fitting_length(plan_input: PlanInput) -> int:
    """Return a maximum length that cuts nothing where model and memory allow it."""
    longest = max(plan_input.data.longest_tokens, _FREE_LENGTH)
    wanted = -(-longest // _LENGTH_STEP) * _LENGTH_STEP
    cap = min(_LONGEST[plan_input.device], plan_input.shape.context_length)
    return max(_LENGTH_STEP, min(wanted, cap))


def fitting_micro_batch(plan_input: PlanInput, config: TrainingConfig) -> int:
    """Return the micro-batch with which a token takes the least time, never below one example.

    Where nothing fits, or what is free is unknown, it is the smallest.
    """
    sizes = _MICRO_BATCHES[plan_input.device]
    if plan_input.free_memory is None:
        return max(sizes[-1], config.max_length)
    most = 2 * config.effective_batch * max(plan_input.data.mean_tokens, 1)  # two whole steps
    useful = max([size for size in sizes if size <= most] or [0])
    sized = config.with_values({"micro_batch_tokens": max(useful, config.max_length)})
    planned = planned_settings(plan_input.shape, sized, plan_input.room, plan_input.model_type)
    return planned.micro_batch_tokens


def with_overrides(preset: Preset, values: Mapping[str, object]) -> TrainingConfig:
    """Return the preset's config with stored values; one that no longer can be used is left out."""
    config = preset.config
    for name, value in values.items():
        with suppress(UserFacingError):  # another base model may not take it
            config = config.with_values({name: value})
    return config


def changed_values(preset: Preset, config: TrainingConfig) -> dict[str, object]:
    """Return what differs from the preset; not empty means *Customised*."""
    values = config.model_dump()
    return {k: values[k] for k, v in preset.config.model_dump().items() if values[k] != v}
