"""What loading a model for answers costs in memory, and whether there is room for it now."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.config.training import TrainingConfig, load_config
from core.errors import UserFacingError
from core.generation.room import (
    CONVERSATIONS_SHARE,
    LEAST_CONTEXT,
    MOST_CONTEXT,
    SLOTS,
    can_write_out,
)
from core.hardware.cards.reader import read_cards
from core.hardware.cards.usable import why_unusable
from core.hardware.system.machine import read_ram
from core.jobs.supervisor import is_alive
from core.language import _
from core.models.inspection import inspect_model
from core.models.shape import ModelShape
from core.planning.memory import (
    CONTEXT,
    Badge,
    Device,
    MemorySettings,
    Quantisation,
    badge,
    memory_need,
)
from core.project import Project, RunFolder
from core.settings import load_settings

_PROJECTS = 50
_COMPUTES = ("train", "trial", "evaluate", "export")
_BYTES = 2  # of a value in 16 bits


@dataclass(frozen=True, slots=True)
class ServingNeed:
    """What a loaded model takes, in bytes.

    Attributes:
        weights: of the base as it is kept here.
        adapters: of all fine-tunes.
        answers: keys and values of the answers that are written at the same time.
        rest: the driver's or interpreter's share, and scratch space.
        free: there now; ``None`` where it could not be read.
    """

    weights: int
    adapters: int
    answers: int
    rest: int
    device: Device
    free: int | None

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.adapters + self.answers + self.rest

    @property
    def badge(self) -> Badge:
        """Whether it fits, with the numbers in a sentence."""
        return badge(self.total, self.free, self.device)


def serving_need(project: Project, base: Path, runs: Sequence[str] = ()) -> ServingNeed:
    """Return what base and fine-tunes take together; takes seconds, so not in the window's thread.

    Raises:
        UserFacingError: the base is unusable, or a run is not there.
    """
    shape, quantisation = inspect_model(base).shape, kept_as(project, runs)
    configs = [load_config(project.run(name).config_file) for name in runs]
    card = next((card for card in read_cards().cards if not why_unusable(card)), None)
    if card is None:
        free = read_ram()[1]
        return _need(shape, configs, "cpu", free, _weights_on_cpu(shape, quantisation, free))
    weights = memory_need(shape, MemorySettings(quantisation=quantisation)).weights
    return _need(shape, configs, "gpu", card.memory_free, weights)


def kept_as(project: Project | None, runs: Sequence[str]) -> Quantisation:
    """How the base was kept when the first fine-tune was trained; 4 bits for the base alone."""
    if project is None or not runs:
        return "nf4"
    return load_config(project.run(runs[0]).config_file).quantisation


def _weights_on_cpu(shape: ModelShape, quantisation: Quantisation, free: int) -> int:
    """A processor keeps 4-bit weights in 16 bits where there is room, but not those of experts."""
    wide = memory_need(shape, MemorySettings(quantisation="none")).weights
    if quantisation == "none":
        return wide
    packed = memory_need(shape, MemorySettings()).weights
    writes_out = shape.experts is None and can_write_out(
        _BYTES * shape.linear_parameters, free - packed
    )
    return wide if writes_out else packed


def _need(
    shape: ModelShape,
    configs: Sequence[TrainingConfig],
    device: Device,
    free: int | None,
    weights: int,
) -> ServingNeed:
    """Conversations get what is left, as :func:`core.serving.loading.load_generator` gives it."""
    adapters = sum(_BYTES * shape.lora_parameters(config.rank) for config in configs)
    token = shape.layers * 2 * shape.kv_width * _BYTES
    wanted = min(MOST_CONTEXT, shape.context_length) * SLOTS[device] * token
    left = wanted if free is None else round(CONVERSATIONS_SHARE * (free - weights - adapters))
    logits = 4 * shape.vocab_size * SLOTS[device]
    return ServingNeed(
        weights=weights,
        adapters=adapters,
        answers=max(LEAST_CONTEXT * token, min(wanted, left)),
        rest=CONTEXT[device] + _BYTES * 2 * shape.largest_linear + logits,
        device=device,
        free=free,
    )


def require_room(project: Project, need: ServingNeed) -> None:
    """Refuse to load a model where it cannot fit, or where something else needs the card.

    Raises:
        UserFacingError: a run computes on the card (code ``serving.card_in_use``), or there is not
            enough memory (code ``serving.no_room``).
    """
    if need.device == "gpu" and (run := computing_now(project)) is not None:
        raise UserFacingError(
            "serving.card_in_use",
            _("“{run}” is using the graphics card right now.", run=run.name),
            _("Wait until it has finished, then load the model."),
        )
    found = need.badge
    if found.level == "wont_fit":
        raise UserFacingError(
            "serving.no_room",
            found.sentence,
            _("Close other programs, or choose a smaller base model."),
        )


def computing_now(project: Project) -> RunFolder | None:
    """Return a job of this or another project that computes now."""
    roots = [project.root, *(Path(recent) for recent in load_settings().recent[:_PROJECTS])]
    for root in roots:
        with suppress(UserFacingError, OSError):
            for run in Project.open(root).runs():
                if run.name.startswith(_COMPUTES) and is_alive(run):
                    return run
    return None
