"""Does this machine have what a run needs? Every check says what it found and what to do."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from core.contract import plain
from core.errors import UserFacingError
from core.hardware.cards.makers import makers
from core.hardware.cards.reader import read_cards
from core.hardware.system.machine import read_machine
from core.installation.kind import how_to_repair
from core.installation.lock import available
from core.installation.plan import can_install, engine_state
from core.installation.variant import choose
from core.installed_engine import has_torch, missing_engine
from core.language import Sentence, _
from core.models import sample
from core.planning.memory import gigabytes
from core.settings import default_projects_folder


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """One line of the examination; ``todo`` is empty where all is well."""

    name: Sentence
    ok: bool
    seen: str
    todo: str = ""


def examine() -> list[SelfCheck]:
    """Run every check; none of them changes anything or needs the network."""
    checks: list[Callable[[], SelfCheck]] = [_machine, _disk, _card, _torch, _nf4, _sample_model]
    if sys.platform == "linux" and read_cards():
        checks.append(_compiler)
    return [check() for check in checks]


def glance() -> list[SelfCheck]:
    """Run the checks that load no large library."""
    return [_machine(), _disk(), _card()]


def report(checks: list[SelfCheck]) -> dict[str, object]:
    """Return the checks as the JSON document of ``doctor --json``, in English."""
    listed = [plain(asdict(check)) for check in checks]
    return {"ok": all(check.ok for check in checks), "checks": listed}


def _machine() -> SelfCheck:
    machine = read_machine(Path.cwd())
    system, python = platform.system(), platform.python_version()
    if not machine.ram_total:
        seen = _("{system}, Python {python}, size of memory unknown", system=system, python=python)
    else:
        seen = _(
            "{system}, Python {python}, {memory} GB of memory",
            system=system,
            python=python,
            memory=gigabytes(machine.ram_total),
        )
    return SelfCheck(_("computer"), True, seen)


def _disk() -> SelfCheck:
    folder = default_projects_folder()
    while not folder.exists():
        folder = folder.parent
    free = read_machine(folder).disk_free
    if free is None:
        unread = _("the free space of {folder} cannot be read", folder=str(folder))
        return SelfCheck(_("disk"), True, unread)
    todo = "" if free > 5e9 else _("Free at least 5 GB: base models and checkpoints are large.")
    return SelfCheck(
        _("disk"), not todo, _("{size} GB free", size=gigabytes(free, down=True)), todo
    )


def _card() -> SelfCheck:
    report = read_cards()
    if report:
        names = ", ".join(f"{c.name} ({gigabytes(c.memory_total or 0)} GB)" for c in report.cards)
        return SelfCheck(_("graphics card"), True, names)
    return SelfCheck(_("graphics card"), True, report.reason)


def _torch() -> SelfCheck:
    name = _("PyTorch")
    if not has_torch():
        missing = missing_engine()
        return SelfCheck(name, False, missing.what, missing.todo if can_install() else _repair())
    try:
        import torch
    except Exception as error:  # a missing library, another build: whatever it is, is the finding
        failed = _("PyTorch does not start: {error}", error=str(error))
        return SelfCheck(name, False, failed, _repair())
    version = str(torch.__version__)
    if torch.cuda.is_available():
        seen = f"{version}, CUDA {torch.version.cuda}"  # not shown: names and numbers only
        return SelfCheck(name, True, seen)
    cards = read_cards()
    if cards:
        choice = choose(cards, makers(), available())
        todo = choice.note or (
            _("Install the build for your card with: homelab-tuner engine install")
            if engine_state().record
            else _("Install the PyTorch build for your card. The README says how.")
        )
        return SelfCheck(name, False, _("{version}, finds no card", version=version), todo)
    return SelfCheck(name, True, _("{version}, without a card", version=version))


def _repair() -> str:
    """What this installation needs: PyTorch again where it was fetched, else all of it."""
    if engine_state().record is not None:
        return _("Install PyTorch again with: homelab-tuner engine remove, then engine install")
    return how_to_repair()


def _compiler() -> SelfCheck:
    """Triton compiles its kernels on the computer that they run on."""
    found = shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")
    if found:
        return SelfCheck(_("compiler"), True, found)
    todo = _("Training on the card is faster with one: sudo apt install gcc libc6-dev")
    return SelfCheck(_("compiler"), True, _("none"), todo)


def _nf4() -> SelfCheck:
    """Four bits keep a weight within about a tenth of its block's spread: measure it."""
    if not has_torch():
        unknown = _("not measured: PyTorch is not installed yet")
        return SelfCheck(_("4-bit weights"), True, unknown)
    try:
        error = _nf4_error()
    except Exception as fault:  # whatever a broken installation raises is the finding
        failed = _("bitsandbytes fails: {error}", error=str(fault))
        return SelfCheck(_("4-bit weights"), False, failed, _repair())
    ok = error < 0.15
    advice = "" if ok else _("Reinstall bitsandbytes. Its results are wrong on this machine.")
    seen = _("NF4 round trip within {error:.1%}", error=error)
    return SelfCheck(_("4-bit weights"), ok, seen, advice)


def _nf4_error() -> float:
    import torch
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    from core.models.loading import training_device

    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(64, 256, generator=generator).to(training_device(), torch.bfloat16)
    packed, state = quantize_4bit(weights, quant_type="nf4", compress_statistics=True)
    difference = dequantize_4bit(packed, state).float() - weights.float()
    return float(difference.norm() / weights.float().norm())


def _sample_model() -> SelfCheck:
    if sample.is_ready():
        return SelfCheck(_("sample model"), True, _("ready"))
    try:
        sample.packaged_gguf()
    except UserFacingError as error:
        return SelfCheck(_("sample model"), False, error.what, error.todo)
    return SelfCheck(_("sample model"), True, _("will be built when it is first used"))
