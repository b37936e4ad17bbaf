"""Which cards CUDA lets a program see: the variable ``CUDA_VISIBLE_DEVICES`` chooses and orders.

The driver lists all cards; a run only gets those named there. Numbers mean the driver's order,
because every job runs with ``CUDA_DEVICE_ORDER=PCI_BUS_ID``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from core.hardware.cards.card import Card, CardReport
from core.language import N_, _

VARIABLE = "CUDA_VISIBLE_DEVICES"
HIDDEN = N_(
    "The environment variable {variable} hides every graphics card, so training runs on the "
    "processor. To use a card, remove the variable and start Homelab Tuner again."
)


def visible(report: CardReport, environment: Mapping[str, str] = os.environ) -> CardReport:
    """Return the cards that a run sees, in its order.

    As CUDA does: the first name that fits no card ends the list, a repeated one empties it, and an
    empty value means none. Parts of a card (``MIG-…``) cannot be matched with one, so they change
    nothing.
    """
    names = environment.get(VARIABLE)
    if names is None or names.strip().startswith("MIG-") or not report:
        return report
    chosen: list[Card] = []
    for name in names.split(","):
        card = _named(name.strip(), report)
        if card is None:
            break
        if card in chosen:
            return CardReport(reason=_(HIDDEN, variable=VARIABLE))
        chosen.append(card)
    return CardReport(tuple(chosen)) if chosen else CardReport(reason=_(HIDDEN, variable=VARIABLE))


def _named(name: str, report: CardReport) -> Card | None:
    """Return the card with this number or (shortened) UUID."""
    if name.isdecimal():
        return next((card for card in report.cards if card.index == int(name)), None)
    found = [card for card in report.cards if len(name) > 4 and card.uuid.startswith(name)]
    return found[0] if len(found) == 1 else None
