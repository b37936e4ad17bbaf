"""Which build of PyTorch suits the graphics card and its driver, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.hardware.cards.card import Card, CardReport
from core.hardware.cards.makers import Maker
from core.language import N_, _


class Variant(StrEnum):
    """The builds of PyTorch that can be installed."""

    CU130 = "cu130"
    CU126 = "cu126"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class _Needs:
    """What a build with CUDA asks of a card: least driver, span of compute capabilities."""

    variant: Variant
    driver: int
    oldest: tuple[int, int]
    newest: tuple[int, int]


# NVIDIA: CUDA 13 needs driver 580, CUDA 12 needs 525; the builds for 12.6 end before Blackwell.
_CUDA = (
    _Needs(Variant.CU130, 580, (7, 5), (99, 0)),
    _Needs(Variant.CU126, 525, (5, 0), (9, 0)),
)
_NAMES = {
    Variant.CU130: N_("PyTorch for NVIDIA cards (CUDA 13.0)"),
    Variant.CU126: N_("PyTorch for older NVIDIA cards or drivers (CUDA 12.6)"),
    Variant.CPU: N_("PyTorch for the processor"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What suits this computer.

    Attributes:
        card: name of the card that it was chosen for, ``""`` without one.
        driver: its version, ``""`` without one.
        note: why no card, or not the newest build, is used; ``""`` where all is as it should be.
        others: builds that would work too.
    """

    variant: Variant
    card: str = ""
    driver: str = ""
    note: str = ""
    others: tuple[Variant, ...] = (Variant.CPU,)


def name_of(variant: Variant) -> str:
    """Return how a build is called."""
    return _(_NAMES[variant])


def choose(
    report: CardReport, makers: Iterable[Maker], available: Iterable[Variant] = tuple(Variant)
) -> Choice:
    """Return the build for this computer.

    Args:
        makers: who made the display adapters that the system lists, whatever their drivers.
        available: the builds that this version of the application can install here.
    """
    offered = set(available)
    if not report.cards:
        return Choice(Variant.CPU, note=_without(report, set(makers)), others=())
    card = max(report.cards, key=lambda card: card.compute_capability or (0, 0))
    fitting = [needs.variant for needs in _CUDA if _fits(needs, card)]
    usable = [variant for variant in fitting if variant in offered]
    if not usable:
        note = _unfit(card) if not fitting else _not_offered(card)
        return Choice(Variant.CPU, card.name, card.driver, note, ())
    others = (*usable[1:], Variant.CPU)
    return Choice(usable[0], card.name, card.driver, _older(card, usable[0]), others)


def _fits(needs: _Needs, card: Card) -> bool:
    """What cannot be read stands in no way: the newest build is the likeliest."""
    driver = _major(card.driver)
    if driver is not None and driver < needs.driver:
        return False
    return card.compute_capability is None or (
        needs.oldest <= card.compute_capability <= needs.newest
    )


def _major(driver: str) -> int | None:
    first = driver.partition(".")[0]
    return int(first) if first.isdecimal() else None


def _without(report: CardReport, makers: set[Maker]) -> str:
    if Maker.NVIDIA in makers:
        return _(
            "This computer has an NVIDIA graphics card, but its driver does not answer. {reason} "
            "Install the driver first to train on the card.",
            reason=report.reason,
        )
    if Maker.AMD in makers:
        return _(
            "This computer has an AMD graphics card. Homelab Tuner cannot train on it yet, so the "
            "processor is used."
        )
    if Maker.INTEL in makers:
        return _(
            "This computer has Intel graphics. Homelab Tuner cannot train on them yet, so the "
            "processor is used."
        )
    return report.reason


def _unfit(card: Card) -> str:
    newest = max((needs for needs in _CUDA), key=lambda needs: needs.driver)
    oldest = min(needs.oldest for needs in _CUDA)
    if card.compute_capability is not None and card.compute_capability < oldest:
        return _(
            "{card} is too old for today's PyTorch. Training runs on the processor.", card=card.name
        )
    return _(
        "The driver of {card} ({driver}) is too old. Update it to {least} or newer to train on the "
        "card.",
        card=card.name,
        driver=card.driver,
        least=newest.driver,
    )


def _not_offered(card: Card) -> str:
    newest, driver = _CUDA[0], _major(card.driver)
    capability = card.compute_capability
    if driver is None or driver >= newest.driver or (capability and capability < newest.oldest):
        return _(
            "The build of PyTorch that suits {card} is not part of this version, so the processor "
            "is used. A newer version of Homelab Tuner may have it.",
            card=card.name,
        )
    return _(
        "The build of PyTorch that suits {card} with driver {driver} is not part of this version. "
        "A driver of version {least} or newer may help.",
        card=card.name,
        driver=card.driver,
        least=newest.driver,
    )


def _older(card: Card, chosen: Variant) -> str:
    driver = _major(card.driver)
    newest = _CUDA[0]
    if chosen is newest.variant or driver is None or driver >= newest.driver:
        return ""
    return _(
        "With driver {least} or newer, a newer build could be used. This one works too.",
        least=newest.driver,
    )
