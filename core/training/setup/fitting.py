"""Fits a run to the machine: plan, load as planned, try the longest examples, plan again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.chat.tokens import micro_batches
from core.config.engine import EnginePlan
from core.config.training import TrainingConfig
from core.errors import UserFacingError, is_out_of_memory
from core.events import Notice
from core.hardware.system.machine import read_ram
from core.jobs.link import JobLink
from core.language import _
from core.models.inspection import ModelFacts
from core.models.loading import load_base, load_config
from core.models.shape import ModelShape
from core.planning.memory import CONTEXT, MemoryNeed, MemorySettings, memory_need
from core.planning.planner import (
    Room,
    can_stream_experts,
    corrected,
    engine_plan,
    fused,
    planned_settings,
)
from core.training.adapter import add_adapter
from core.training.distributed.ranks import ALONE, Ranks
from core.training.loss import TrainingLoss
from core.training.memory.fallback import (
    MemoryFallback,
    free_memory,
    peak_on_card,
    start_counting_memory,
)
from core.training.run import Run
from core.training.step import backward

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

_MOMENTS = 8  # bytes a trained parameter that AdamW takes at its first step


@dataclass(frozen=True, slots=True)
class Fit:
    """What was planned for a model, and from what.

    Attributes:
        model_type: as in the model's config; ``""`` where the engine refuses the model.
        room: memory that was free before anything was loaded.
        settings: what came of it.
    """

    shape: ModelShape
    model_type: str
    config: TrainingConfig
    room: Room
    settings: MemorySettings

    @classmethod
    def of(cls, facts: ModelFacts, config: TrainingConfig, room: Room) -> Fit:
        """Plan a run."""
        model_type = "" if _is_refused(facts.folder) else facts.model_type
        settings = planned_settings(facts.shape, config, room, model_type)
        return cls(facts.shape, model_type, config, room, settings)

    @property
    def plan(self) -> EnginePlan:
        """What the engine is to do."""
        return engine_plan(self.shape, self.settings)

    @property
    def can_stream(self) -> bool:
        """Whether weights can wait in the computer's memory."""
        experts = can_stream_experts(self.shape, self.settings)
        return experts or fused(self.config, self.model_type)

    def is_split(self, plan: EnginePlan) -> bool:
        """Whether parts of the model never reach the card whole, so that only the engine runs it.

        A mixture's experts bring their weights in whichever forward pass. A table of layers'
        inputs may be larger than all the rest.
        """
        table = self.shape.uneven is not None and self.shape.uneven.table > 0
        linears = plan.stream_layers > 0 and self.shape.experts is None
        return linears or (plan.host_embedding and table)

    def predicted(self, tokens: int) -> MemoryNeed:
        """Return what a micro-batch of this many tokens should take at the peak."""
        return memory_need(self.shape, replace(self.settings, micro_batch_tokens=tokens))

    def after(self, measured: int, tokens: int) -> Fit:
        """Return the plan that this measurement asks for.

        Args:
            measured: bytes at the peak of what was planned here, without the driver's own.
            tokens: of the micro-batch that was tried.
        """
        room = corrected(self.room, self.predicted(tokens), measured)
        settings = planned_settings(self.shape, self.config, room, self.model_type)
        return replace(self, settings=settings)


def _is_refused(folder: Path) -> bool:
    """Whether the engine refuses the model in ``folder``, whose family it may well know."""
    from core.training.engine.families import refusal

    try:
        return bool(refusal(load_config(folder)))
    except Exception:  # strange values surface as errors of any kind; loading will explain them
        return False


def free_room(device: str, ranks: Ranks = ALONE) -> Room:
    """Return the memory that is free now; on a card with what the driver has already taken.

    Args:
        ranks: this process among those that train together; the least of all counts for each, and
            none continues before all have looked, so that all plan alike.
    """
    if device == "cpu":
        return Room("cpu", ranks.least(read_ram()[1]))
    import torch

    free = torch.cuda.mem_get_info(device)[0] + CONTEXT["gpu"]
    return Room("gpu", ranks.least(free), ranks.least(read_ram()[1]), ranks.world)


def load_planned(
    folder: Path, fit: Fit, device: str, link: JobLink
) -> tuple[PeftModel, MemoryFallback]:
    """Load base model, adapter and engine as planned, leaner where even that is too much.

    Returns:
        The model, and the fallback with the plan by which it was loaded.

    Raises:
        UserFacingError: the weights cannot be loaded.
    """
    plan = fit.plan

    def load() -> tuple[PeftModel, MemoryFallback]:
        model = add_adapter(_load(folder, fit, device, plan), fit.config, device)
        return model, make_fallback(model, fit, plan, device, link)

    try:
        return load()
    except Exception as error:
        leaner = fit.can_stream and plan.stream_layers < fit.shape.layers
        if not (is_out_of_memory(error) and leaner and device != "cpu"):
            raise
    free_memory()
    text = _(
        "The card is too full for the whole model, so part of it is held in the computer's memory."
    )
    link.emit(Notice(level="warning", code="training.less_memory", text=text, todo=""))
    plan = replace(
        plan, keep_layers=0, offload_inputs=True, host_embedding=True,
        stream_layers=fit.shape.layers,
    )  # fmt: skip
    return load()


def _load(folder: Path, fit: Fit, device: str, plan: EnginePlan) -> PreTrainedModel:
    if not fit.is_split(plan):
        waits = plan.streams if plan.stream_layers else None
        return load_base(folder, fit.config.quantisation, device, waits)
    from core.training.engine.offload.layerwise import load_layerwise

    layers = fit.shape.layers
    return load_layerwise(
        folder, fit.config.quantisation, device, lambda layer: plan.streams(layer, layers),
        host_embedding=plan.host_embedding,
    )  # fmt: skip


def make_fallback(
    model: PeftModel, fit: Fit, plan: EnginePlan, device: str, link: JobLink
) -> MemoryFallback:
    """Start with everything that the plan allows; say so where the fast path is not all used.

    Raises:
        UserFacingError: parts of the model wait in the computer's memory, and only the engine could
            fetch them.
    """
    loss = TrainingLoss(model, fit.config, device, plan)
    if loss.engine is None and fit.is_split(plan):
        raise UserFacingError(
            "training.needs_fast_path",
            _("The model is larger than the card, and only the fast path can train such a model."),
            _("Choose a smaller base model. {reason}", reason=loss.why_not),
        )
    _say_what_is_slow(loss, device, link)
    return MemoryFallback(
        capacity=fit.settings.micro_batch_tokens,
        longest=fit.config.max_length,
        loss=loss,
        plan=plan,
        layers=fit.shape.layers if loss.engine is not None else 1,
        can_move=loss.engine is not None and device != "cpu",
    )


def _say_what_is_slow(loss: TrainingLoss, device: str, link: JobLink) -> None:
    import torch

    from core.training.engine.fused.dispatch import kernel_failure

    if loss.why_not:
        text = _("This run trains without the fast path.")
        todo = loss.why_not
        link.emit(Notice(level="info", code="training.no_fast_path", text=text, todo=todo))
    elif kernel_failure(torch.device(device)):
        text = _("Kernels for the card cannot be compiled, so training is a little slower.")
        todo = _("For full speed, install a C compiler and Python's headers.")
        link.emit(Notice(level="info", code="training.no_kernels", text=text, todo=todo))


def correct(run: Run, fit: Fit, measure: Callable[[Run], int] | None = None) -> None:
    """Try the longest examples once and plan again by what they took; nothing of it is kept.

    Args:
        run: loaded by ``fit``.
        fit: what was planned.
        measure: gives the bytes at the peak; ``None`` asks the card, and does nothing without one.
    """
    if run.fallback.layers == 1 or (measure is None and run.device == "cpu"):
        return  # nothing to choose, or nobody to ask
    before = run.fallback.plan, run.fallback.capacity
    measured = run.fallback.fall_back_until_it_fits(
        lambda: (measure or _peak_of_one_micro_batch)(run), lambda: _forget(run), run.link
    )
    if before[0] != fit.plan or (run.fallback.plan, run.fallback.capacity) != before:
        return  # loading, or the fallback, has found what fits; it is not what was predicted
    better = fit.after(measured, sum(run.train.lengths[row] for row in longest_rows(run)))
    if better.plan == fit.plan or run.fallback.change_to(better.plan, run.link):
        run.fallback.capacity = better.settings.micro_batch_tokens


def _peak_of_one_micro_batch(run: Run) -> int:
    import torch

    start_counting_memory(run.device)
    state = torch.get_rng_state()
    batch = next(micro_batches(run.train, longest_rows(run), run.fallback.capacity))
    backward(run, batch, max(1, batch.trained_tokens))
    torch.set_rng_state(state)
    _forget(run)
    missing = 0 if run.optimizer.state else _MOMENTS * sum(p.numel() for p in run.parameters)
    return peak_on_card(run.device) + missing


def _forget(run: Run) -> None:
    run.optimizer.zero_grad(set_to_none=True)


def longest_rows(run: Run) -> list[int]:
    """The longest examples that together make one full micro-batch."""
    lengths = run.train.lengths
    longest = sorted(range(len(run.train)), key=lambda i: -lengths[i])
    chosen, room = longest[:1], run.fallback.capacity - lengths[longest[0]]
    for index in longest[1:]:
        if lengths[index] <= room and len(chosen) < run.schedule.effective_batch:
            chosen.append(index)
            room -= lengths[index]
    return chosen
