"""Checkpoints as transactions: whole and verified, or not there.

A checkpoint holds everything that the next step depends on: adapter, optimizer, random state (as
numbers, never as a pickle) and the position in the data. Resuming continues the same run.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from core.errors import UserFacingError
from core.storage.files import explained_io, read_json, write_json, write_tensors
from core.storage.transaction import remove_leftovers, staged_folder, verify_folder
from core.training.adapter import adapter_weights, set_adapter_weights
from core.training.monitor.eta import Eta

if TYPE_CHECKING:
    import torch
    from peft import PeftModel

_STEP = re.compile(r"step-(\d{8})")
_ADAPTER = "adapter.safetensors"
_OPTIMIZER = "optimizer.safetensors"
_RANDOM = "random.safetensors"
_POSITION = "position.json"


class Position(BaseModel):
    """Where a run is, as plain numbers.

    Attributes:
        step: optimizer steps that are finished.
        best_step: step of the best validation so far; -1 before the first validation.
        best_loss: its loss, nats per trained token.
        base_loss: validation loss of the untouched base.
        last_loss: training loss of the last step.
        seconds: time spent in training steps and validations, all sessions together.
        tokens: tokens computed in training steps.
        pace: how fast it went, for the time that is left.
        fingerprint: hash of config, data and base; another fingerprint is another run.
        contents: hash of the base's weights; ``""`` in checkpoints of earlier versions.
    """

    model_config = ConfigDict(frozen=True)

    step: int = 0
    best_step: int = -1
    best_loss: float = float("inf")
    base_loss: float = float("nan")
    last_loss: float = float("nan")
    seconds: float = 0.0
    tokens: int = 0
    pace: Eta = Eta()
    fingerprint: str = ""
    contents: str = ""


@dataclass(frozen=True, slots=True)
class StepFolders:
    """Sealed folders named by step (``step-00000040``) in one parent folder."""

    parent: Path

    def save(self, step: int, fill: Callable[[Path], None]) -> Path:
        """Write one folder as a transaction; one that exists and verifies is kept as it is.

        Raises:
            UserFacingError: the disk refuses.
        """
        target = self.path(step)
        if target.exists():
            if self._is_whole(target):
                return target
            with explained_io(target):
                shutil.rmtree(target)
        with staged_folder(target) as staging:
            fill(staging)
        return target

    def path(self, step: int) -> Path:
        """Return the folder of a step, whether or not it exists."""
        return self.parent / f"step-{step:08d}"

    def steps(self) -> list[int]:
        """Return the steps that have a folder, ascending; nothing is verified."""
        if not self.parent.is_dir():
            return []
        matches = (_STEP.fullmatch(p.name) for p in self.parent.iterdir() if p.is_dir())
        return sorted(int(match.group(1)) for match in matches if match)

    def newest_whole(self) -> Iterator[tuple[int, Path]]:
        """Yield the folders that verify, newest first."""
        for step in reversed(self.steps()):
            if self._is_whole(self.path(step)):
                yield step, self.path(step)

    def keep_only(self, wanted: set[int]) -> None:
        """Delete the folders of all other steps, and what interrupted writers left."""
        for step in self.steps():
            if step not in wanted:
                shutil.rmtree(self.path(step), ignore_errors=True)
        remove_leftovers(self.parent)

    @staticmethod
    def _is_whole(folder: Path) -> bool:
        try:
            verify_folder(folder)
        except UserFacingError:
            return False
        return True


def save_checkpoint(
    folders: StepFolders, model: PeftModel, optimizer: torch.optim.Optimizer, position: Position
) -> Path:
    """Save the run's whole state after ``position.step`` finished steps.

    Raises:
        UserFacingError: the disk refuses; older checkpoints are untouched.
    """

    def fill(folder: Path) -> None:
        write_tensors(folder / _ADAPTER, adapter_weights(model))
        write_tensors(folder / _OPTIMIZER, _optimizer_tensors(optimizer))
        write_tensors(folder / _RANDOM, random_state())
        write_json(folder / _POSITION, _finite(position.model_dump()), durable=False)

    return folders.save(position.step, fill)


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has no infinity; leaving the value out restores the default."""
    return {k: v for k, v in values.items() if not isinstance(v, float) or v - v == 0}


def load_checkpoint(folder: Path, model: PeftModel, optimizer: torch.optim.Optimizer) -> Position:
    """Restore model, optimizer and random state from a verified checkpoint."""
    from safetensors.torch import load_file

    set_adapter_weights(model, load_file(folder / _ADAPTER))
    _restore_optimizer(optimizer, load_file(folder / _OPTIMIZER))
    restore_random_state(load_file(folder / _RANDOM))
    return read_position(folder)


def read_position(folder: Path) -> Position:
    """Return where the checkpoint in ``folder`` stands."""
    return Position.model_validate(read_json(folder / _POSITION))


def _parameters(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Name every state tensor by its parameter's place in the optimizer: ``12.exp_avg``."""
    tensors = {}
    for number, parameter in enumerate(_parameters(optimizer)):
        for name, value in optimizer.state.get(parameter, {}).items():
            tensors[f"{number}.{name}"] = value.detach().cpu().contiguous()
    return tensors


def _restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, torch.Tensor]) -> None:
    parameters = _parameters(optimizer)
    for key, value in tensors.items():
        number, _, name = key.partition(".")
        parameter = parameters[int(number)]
        counter = step_device(optimizer, parameter)
        place = value.to(counter if name == "step" else parameter.device)
        optimizer.state[parameter][name] = place


def step_device(optimizer: torch.optim.Optimizer, parameter: torch.Tensor) -> torch.device:
    """Return where AdamW keeps its step counter: on the CPU, beside the parameter when fused."""
    import torch

    return parameter.device if optimizer.defaults.get("fused") else torch.device("cpu")


def random_state() -> dict[str, torch.Tensor]:
    """Return the states of all random generators that a run draws from."""
    import torch

    state = {"cpu": torch.get_rng_state()}
    for number in range(torch.cuda.device_count()):
        state[f"cuda.{number}"] = torch.cuda.get_rng_state(number)
    return state


def restore_random_state(state: dict[str, torch.Tensor]) -> None:
    """Inverse of :func:`random_state`."""
    import torch

    torch.set_rng_state(state["cpu"])
    for number in range(torch.cuda.device_count()):
        if f"cuda.{number}" in state:
            torch.cuda.set_rng_state(state[f"cuda.{number}"], number)
