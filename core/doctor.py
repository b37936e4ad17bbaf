"""Does this machine have what a training needs? Every check says what it saw and what to do."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import UserFacingError
from core.hardware.gpu import read_cards
from core.hardware.machine import read_machine
from core.models import sample
from core.planning.memory import gigabytes
from core.settings import default_projects_folder


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the examination; ``todo`` is empty where all is well."""

    name: str
    ok: bool
    seen: str
    todo: str = ""


def examine() -> list[Check]:
    """Run every check; none of them changes anything or needs the network."""
    checks: list[Callable[[], Check]] = [_machine, _disk, _card, _torch, _nf4, _sample_model]
    return [check() for check in checks]


def report(checks: list[Check]) -> dict[str, Any]:
    """Return the checks as the JSON document of ``doctor --json``."""
    return {"ok": all(check.ok for check in checks), "checks": [asdict(c) for c in checks]}


def _machine() -> Check:
    machine = read_machine(Path.cwd())
    memory = f"{gigabytes(machine.ram_total)} GB" if machine.ram_total else "unknown"
    seen = f"{platform.system()}, Python {platform.python_version()}, {memory} of memory"
    return Check("computer", True, seen)


def _disk() -> Check:
    folder = default_projects_folder()
    while not folder.exists():
        folder = folder.parent
    free = read_machine(folder).disk_free
    if free is None:
        return Check("disk", True, f"free space of {folder} cannot be read")
    todo = "" if free > 5e9 else "Free at least 5 GB: base models and checkpoints are large."
    return Check("disk", not todo, f"{gigabytes(free, down=True)} GB free", todo)


def _card() -> Check:
    report = read_cards()
    if report:
        names = ", ".join(f"{c.name} ({gigabytes(c.memory_total or 0)} GB)" for c in report.cards)
        return Check("graphics card", True, names)
    return Check("graphics card", True, report.reason)


def _torch() -> Check:
    try:
        import torch
    except ImportError as error:
        return Check("PyTorch", False, str(error), "Run make again, or reinstall the application.")
    cuda = f"CUDA {torch.version.cuda}" if torch.cuda.is_available() else "without a card"
    if read_cards() and not torch.cuda.is_available():
        todo = "Install the PyTorch build for your card: see the README."
        return Check("PyTorch", False, f"{torch.__version__}, sees no card", todo)
    return Check("PyTorch", True, f"{torch.__version__}, {cuda}")


def _nf4() -> Check:
    """Four bits keep a weight within about a tenth of its block's spread: measure it."""
    try:
        error = _nf4_error()
    except Exception as fault:  # whatever a broken installation raises is the finding
        todo = "Reinstall bitsandbytes, or run make again."
        return Check("4-bit weights", False, f"bitsandbytes fails: {fault}", todo)
    ok = error < 0.15
    todo = "" if ok else "Reinstall bitsandbytes: its results are wrong on this machine."
    return Check("4-bit weights", ok, f"NF4 round trip within {error:.1%}", todo)


def _nf4_error() -> float:
    import torch
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    from core.models.loading import training_device

    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(64, 256, generator=generator).to(training_device(), torch.bfloat16)
    packed, state = quantize_4bit(weights, quant_type="nf4", compress_statistics=True)
    difference = dequantize_4bit(packed, state).float() - weights.float()
    return float(difference.norm() / weights.float().norm())


def _sample_model() -> Check:
    if sample.is_ready():
        return Check("sample model", True, "ready")
    try:
        sample.packaged_gguf()
    except UserFacingError as error:
        return Check("sample model", False, error.what, error.todo)
    return Check("sample model", True, "will be made at its first use")
