"""What loading a model for answers costs in memory, and whether there is room for it now."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.config.training import TrainingConfig, load_config
from core.errors import UserFacingError
from core.hardware.cards.reader import read_cards
from core.hardware.cards.usable import why_unusable
from core.hardware.system.machine import read_ram
from core.jobs.supervisor import is_alive
from core.language import _
from core.models.inspection import inspect_model
from core.models.shape import ModelShape
from core.planning.memory import CONTEXT, NF4_BYTES, Badge, Device, badge
from core.project import Project, RunFolder
from core.settings import load_settings

_MOST_CONTEXT, _LEAST_CONTEXT = 8192, 512  # tokens of a conversation
_SLOTS: dict[Device, int] = {"gpu": 8, "cpu": 4}
_PROJECTS = 50
_COMPUTES = ("train", "trial", "evaluate", "export")
_BYTES = 2  # of a value in 16 bits


@dataclass(frozen=True, slots=True)
class ServingNeed:
    """What a loaded model takes, in bytes.

    Attributes:
        weights: of the base, packed where it is packed.
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
    facts = inspect_model(base)
    configs = [load_config(project.run(name).config_file) for name in runs]
    card = next((card for card in read_cards().cards if not why_unusable(card)), None)
    if card is None:
        return _need(facts.shape, configs, "cpu", read_ram()[1])
    return _need(facts.shape, configs, "gpu", card.memory_free)


def _need(
    shape: ModelShape, configs: Sequence[TrainingConfig], device: Device, free: int | None
) -> ServingNeed:
    """Conversations get what is left, as :func:`core.serving.loading.load_generator` gives it."""
    others = shape.embedding_parameters + shape.head_parameters + shape.norm_parameters
    weights = round(NF4_BYTES * shape.linear_parameters) + _BYTES * others
    adapters = sum(_BYTES * shape.lora_parameters(config.rank) for config in configs)
    token = shape.layers * 2 * shape.kv_width * _BYTES
    wanted = min(_MOST_CONTEXT, shape.context_length) * _SLOTS[device] * token
    left = wanted if free is None else (free - weights - adapters) // 2
    logits = 4 * shape.vocab_size * _SLOTS[device]
    return ServingNeed(
        weights=weights,
        adapters=adapters,
        answers=max(_LEAST_CONTEXT * token, min(wanted, left)),
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
