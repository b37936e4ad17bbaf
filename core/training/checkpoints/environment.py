"""The versions a result depends on: recorded when a run begins, compared when it is resumed."""

from __future__ import annotations

import os
import platform
from functools import reduce
from importlib.metadata import version

from core import __version__
from core.errors import UserFacingError
from core.events import Notice
from core.hardware.cards.reader import read_cards
from core.hardware.cards.usable import why_unusable
from core.language import N_, Sentence, _
from core.project import RunFolder
from core.storage.files import read_json, write_json

_LIBRARIES = ("torch", "transformers", "peft", "bitsandbytes")
_PRODUCTS = {
    "homelab-tuner": "Homelab Tuner",  # not shown: a name, the same in every language
    "python": "Python",
    "torch": "PyTorch",
}
_NAMES = {
    "system": N_("the system"),
    "card": N_("the graphics card"),
    "driver": N_("the card's driver"),
}


def environment(device: str = "cpu") -> dict[str, str]:
    """Return the versions that may change a result; with card and driver unless on the CPU."""
    return {
        "homelab-tuner": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        **{name: version(name) for name in _LIBRARIES},
        **(_card(device) if device != "cpu" else {"card": "", "driver": ""}),
    }


def _card(device: str) -> dict[str, str]:
    import torch

    driver = next((card.driver for card in read_cards().cards), "")
    return {"card": torch.cuda.get_device_name(device), "driver": driver}


def compare_and_record(folder: RunFolder, now: dict[str, str]) -> Notice | None:
    """Note the environment of this session; return what to say if it is not that of the last."""
    try:
        before = read_json(folder.environment_file)
    except UserFacingError:  # a new run, or a file that a power cut took
        before = None
    if before != now:
        write_json(folder.environment_file, now)
    return changed(before, now) if isinstance(before, dict) else None


def require_card(folder: RunFolder, device: str) -> None:
    """Refuse to do on the processor what was meant for a card, before anything is loaded.

    After a lost card or an update PyTorch may see none, and a night's work would take weeks.

    Raises:
        UserFacingError: code ``card.unreachable``.
    """
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "all").strip() in ("", "-1")
    if device != "cpu" or hidden:  # the processor is wanted
        return
    name = _began_on(folder) or _idle_card()
    if name:
        raise UserFacingError(
            "card.unreachable",
            _("This run needs the {card}, which PyTorch cannot reach now.", card=name),
            _(
                "Restart the computer or fix the card's driver, then press Resume. On a computer "
                "without this card, start a new run."
            ),
        )


def _began_on(folder: RunFolder) -> str:
    """The card of this run's last session, ``""`` if there was none."""
    try:
        recorded = read_json(folder.environment_file)
    except UserFacingError:
        return ""
    return str(recorded.get("card", "")) if isinstance(recorded, dict) else ""


def _idle_card() -> str:
    """A card that the driver names and that this PyTorch was built for."""
    return next((card.name for card in read_cards().cards if not why_unusable(card)), "")


def changed(before: dict[str, str], now: dict[str, str]) -> Notice | None:
    """Return one sentence that names what is not as it was, ``None`` if everything is."""
    changes = [
        _change(name, before[name], value)
        for name, value in now.items()
        if before.get(name, value) != value
    ]
    if not changes:
        return None
    listed = reduce(lambda some, one: _("{some}; {one}", some=some, one=one), changes)
    return Notice(
        level="warning",
        code="training.other_environment",
        text=_(
            "Something has changed since the last session of this run: {changes}.", changes=listed
        ),
        todo=_("The run continues from its exact state; later numbers may differ slightly."),
    )


def _change(name: str, before: str, now: str) -> Sentence:
    # Translators: no such part, for example no graphics card.
    nothing = _("none")
    return _(
        "{what}: {before} → {now}",
        what=_(_NAMES[name]) if name in _NAMES else _PRODUCTS.get(name, name),
        before=before or nothing,
        now=now or nothing,
    )
