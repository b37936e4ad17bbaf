"""What the installation has: PyTorch, four-bit weights, a compiler, the sample model."""

from __future__ import annotations

import shutil

from core.doctor.check import Remedy, SelfCheck
from core.errors import UserFacingError
from core.hardware.cards.card import CardReport
from core.hardware.cards.makers import makers
from core.hardware.cards.reader import read_cards
from core.installation.kind import Kind, how_to_repair, kind_of_installation
from core.installation.lock import available
from core.installation.plan import can_install, engine_state
from core.installation.variant import choose
from core.installed_engine import has_torch, missing_engine
from core.language import _
from core.models import sample

_INSTALL = "homelab-tuner engine install"  # not shown as a sentence: a command
_AGAIN = "homelab-tuner engine remove && homelab-tuner engine install --yes"  # not shown: a command
_COMPILER = "sudo apt install gcc libc6-dev"  # not shown as a sentence: a command
_REINSTALL = {
    Kind.SOURCES: "make",
    Kind.DEBIAN: "sudo apt install --reinstall homelab-tuner",  # not shown as a sentence: a command
    Kind.PIP: "pip install --force-reinstall homelab-tuner",  # not shown as a sentence: a command
}


def torch() -> SelfCheck:
    """Return whether PyTorch starts, and whether it sees the card."""
    name = _("PyTorch")
    if not has_torch():
        return _missing(name)
    try:
        import torch
    except Exception as error:  # a missing library, another build: whatever it is, is the finding
        return _broken(name, _("PyTorch does not start: {error}", error=str(error)))
    version = str(torch.__version__)
    if torch.cuda.is_available():
        return SelfCheck(name, True, f"{version}, CUDA {torch.version.cuda}")  # not shown: names
    if cards := read_cards():
        return _blind(name, version, cards)
    return SelfCheck(name, True, _("{version}, without a card", version=version))


def _missing(name: str) -> SelfCheck:
    missing = missing_engine()
    if can_install():
        return SelfCheck(name, False, missing.what, missing.todo, _INSTALL, Remedy.ENGINE)
    return _broken(name, missing.what)


def _blind(name: str, version: str, cards: CardReport) -> SelfCheck:
    """There are cards that this PyTorch does not see."""
    seen = _("{version}, finds no card", version=version)
    choice = choose(cards, makers(), available())
    if choice.note:
        return SelfCheck(name, False, seen, choice.note)
    if engine_state().record:
        todo = _("Install the build for your card with: homelab-tuner engine install")
        return SelfCheck(name, False, seen, todo, _INSTALL, Remedy.ENGINE)
    todo = _("Install the PyTorch build for your card. The README says how.")
    return SelfCheck(name, False, seen, todo)


def _broken(name: str, seen: str) -> SelfCheck:
    """What this installation needs: PyTorch again where it was fetched, else all of it."""
    if engine_state().record is not None:
        todo = _("Install PyTorch again with: homelab-tuner engine remove, then engine install")
        return SelfCheck(name, False, seen, todo, _AGAIN, Remedy.ENGINE)
    line = _REINSTALL.get(kind_of_installation(), "")
    return SelfCheck(name, False, seen, how_to_repair(), line)


def compiler() -> SelfCheck:
    """Return the compiler: Triton compiles its kernels on the computer that they run on."""
    found = shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")
    if found:
        return SelfCheck(_("compiler"), True, found)
    todo = _("Training on the card is faster with one: sudo apt install gcc libc6-dev")
    return SelfCheck(_("compiler"), True, _("none"), todo, _COMPILER)


def four_bits() -> SelfCheck:
    """Measure: four bits keep a weight within about a tenth of its block's spread."""
    name = _("4-bit weights")
    if not has_torch():
        return SelfCheck(name, True, _("not measured: PyTorch is not installed yet"))
    try:
        error = nf4_error()
    except Exception as fault:  # whatever a broken installation raises is the finding
        return _broken(name, _("bitsandbytes fails: {error}", error=str(fault)))
    ok = error < 0.15
    advice = "" if ok else _("Reinstall bitsandbytes. Its results are wrong on this machine.")
    return SelfCheck(name, ok, _("NF4 round trip within {error:.1%}", error=error), advice)


def nf4_error() -> float:
    """Return how far weights are from themselves after four bits, relative."""
    import torch
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    from core.models.loading import training_device

    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(64, 256, generator=generator).to(training_device(), torch.bfloat16)
    packed, state = quantize_4bit(weights, quant_type="nf4", compress_statistics=True)
    difference = dequantize_4bit(packed, state).float() - weights.float()
    return float(difference.norm() / weights.float().norm())


def sample_model() -> SelfCheck:
    """Return whether the sample model is there or can be made."""
    name = _("sample model")
    if sample.is_ready():
        return SelfCheck(name, True, _("ready"))
    try:
        sample.packaged_gguf()
    except UserFacingError as error:
        return SelfCheck(name, False, error.what, error.todo)
    return SelfCheck(name, True, _("will be built when it is first used"))
