"""Everything that one training works with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.chat.packing import PackedBatch, Row, collate, pack, spread
from core.chat.tokens import TokenTable, micro_batches
from core.config.training import TrainingConfig
from core.events import HealthVerdict
from core.hardware.system.awake import KeepAwake
from core.hardware.thermal.guard import TrainingGuard
from core.jobs.link import JobLink
from core.training.checkpoints.checkpoint import Position, StepFolders
from core.training.distributed.ranks import ALONE, Ranks
from core.training.memory.fallback import MemoryFallback
from core.training.memory.vram_spill import StepTimes
from core.training.monitor.eta import Eta
from core.training.monitor.health import Health, stopping
from core.training.monitor.symptoms import OF_PREFERENCES, SYMPTOMS
from core.training.monitor.watchdog import StepWatchdog, Work
from core.training.preferences.rows import Preferences
from core.training.schedule import Schedule

if TYPE_CHECKING:
    import torch
    from peft import PeftModel

    from core.generation.answers import Answerer


@dataclass
class Run:
    """Everything one training works with.

    Attributes:
        validation: table of the unseen examples.
        checkpoints: where to resume from; the newest two are kept.
        best: the adapter of the best validation, in peft's format.
        position: where the run is; replaced after every step.
        fallback: how losses are computed, and what can be given up for memory.
        tasks: kind of task of each validation row, ``""`` where the data name none.
        everyday: a few everyday answers, whose loss shows what is forgotten; empty for none.
        answerer: writes the sample answers; ``None`` for none.
        preferences: judgements that are learned instead of examples.
        awake: keeps the computer from falling asleep; ``None`` does not.
        guard: holds the run back while the card is too hot; ``None`` never does.
        ranks: this process among those that train together.
        watchdog: says when a step hangs; ``None`` never does.
        step_times: notices when the card borrows the computer's memory; ``None`` where none can.
        health: judges the course.
        saved_at: when the last checkpoint was saved, of a monotonic clock.
        steps_here: how many steps this process has done.
        waited: seconds for which a disk refused.
    """

    config: TrainingConfig
    schedule: Schedule
    model: PeftModel
    optimizer: torch.optim.Optimizer
    train: TokenTable
    validation: TokenTable
    device: str
    link: JobLink
    checkpoints: StepFolders
    best: StepFolders
    position: Position
    fallback: MemoryFallback
    tasks: tuple[str, ...] = ()
    everyday: Sequence[Row] = ()
    answerer: Answerer | None = None
    preferences: Preferences | None = None
    awake: KeepAwake | None = None
    guard: TrainingGuard | None = None
    ranks: Ranks = ALONE
    watchdog: StepWatchdog | None = None
    step_times: StepTimes | None = None
    health: Health = field(init=False)
    saved_at: float = field(default_factory=time.monotonic)
    steps_here: int = 0
    waited: float = 0.0

    def __post_init__(self) -> None:
        epoch_steps = self.schedule.examples / self.schedule.effective_batch
        shape = self.config.learning_rate, self.schedule.warmup_steps, epoch_steps
        self.health = Health(*shape, SYMPTOMS if self.preferences is None else OF_PREFERENCES)

    @property
    def parameters(self) -> list[torch.Tensor]:
        """The adapter's weights, in the optimizer's order."""
        return [p for group in self.optimizer.param_groups for p in group["params"]]

    @property
    def paused_seconds(self) -> float:
        """How long it stood still so far: for a hot card, or for room on the disk."""
        return self.waited + (self.guard.paused_seconds if self.guard else 0.0)

    def micro_batches(self, table: TokenTable, rows: Sequence[int]) -> list[PackedBatch]:
        """Return the micro-batches in which all ranks together compute these rows."""
        capacity = self.ranks.least(self.fallback.capacity)
        return list(micro_batches(table, rows, capacity, self.ranks.world))

    def batches(self, rows: Sequence[Row]) -> list[PackedBatch]:
        """Return the micro-batches in which all ranks together compute rows of no table."""
        capacity, ranks = self.ranks.least(self.fallback.capacity), self.ranks.world
        lengths = [len(row.ids) for row in rows]
        groups = pack(lengths, capacity) if ranks == 1 else spread(lengths, capacity, ranks)
        return [collate([rows[i] for i in group], group) for group in groups]

    def set_pace(self, pace: Eta) -> None:
        """Know this pace from now on, and store it with the next checkpoint."""
        self.position = self.position.model_copy(update={"pace": pace})

    def watching(self, doing: Work) -> AbstractContextManager[None]:
        """Let the watchdog, if there is one, look at what is done in this block."""
        return self.watchdog.watch(doing) if self.watchdog else nullcontext()

    def resting(self) -> AbstractContextManager[None]:
        """Let the watchdog not count the time of this block."""
        return self.watchdog.rest() if self.watchdog else nullcontext()

    def stop_if_red(self, verdict: HealthVerdict | None) -> None:
        """End the run before anything bad is applied or kept.

        Raises:
            UserFacingError: the loss is no number, or the run diverged.
        """
        if verdict and verdict.level == "red":
            self.link.emit(verdict)
            raise stopping(verdict)
