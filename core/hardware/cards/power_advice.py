"""Advice about the card's power limit, and the command that sets it. The command is only shown.

The last watts of a card buy little speed: between full and about two thirds of the default limit,
speed falls by roughly a third of what power does; below that it falls faster.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from core.hardware.cards.reader import Card
from core.language import _

_SPEED_AT = ((1.0, 1.0), (0.9, 0.97), (0.8, 0.93), (0.7, 0.88), (0.6, 0.80), (0.5, 0.68))
_ADVISED_SHARE = 0.8  # of the default limit: the most heat saved for little speed


@dataclass(frozen=True, slots=True)
class PowerAdvice:
    """A lower power limit.

    Attributes:
        watts: the limit to set.
        lost_speed: expected loss, as a share of today's speed (0.07 for 7 %).
        command: what an administrator types; it lasts until the next restart.
    """

    watts: int
    lost_speed: float
    command: str


def power_advice(cards: Sequence[Card], platform: str = sys.platform) -> str:
    """Return in words what lower limits would do, with the command for each card.

    It is empty where there is nothing to advise. The commands are never run from here.
    """
    found = [advice for card in cards if (advice := advise_power_limit(card, platform))]
    if not found:
        return ""
    lost = max(1, round(100 * max(advice.lost_speed for advice in found)))
    if len(found) == 1:
        return _(
            "At {watts} W the card would stay cooler and train about {lost}% slower. The limit "
            "lasts until the next restart. Command: {command}",
            watts=found[0].watts,
            lost=lost,
            command=found[0].command,
        )
    return _(
        "With lower power limits ({watts}) the cards would stay cooler and train about {lost}% "
        "slower. The limits last until the next restart. Commands: {commands}",
        watts=", ".join(f"{one} W" for one in sorted({advice.watts for advice in found})),
        lost=lost,
        commands="; ".join(advice.command for advice in found),
    )


def advise_power_limit(card: Card, platform: str = sys.platform) -> PowerAdvice | None:
    """Return a lower limit for ``card``; ``None`` when it is low already or cannot be set."""
    default, current, bounds = card.power_limit_default, card.power_limit, card.power_limit_range
    if default is None or current is None or bounds is None:
        return None
    watts = 5 * round(max(_ADVISED_SHARE * default, bounds[0]) / 5)
    if not bounds[0] <= watts < current:
        return None
    lost = 1 - speed_share(watts / default) / speed_share(current / default)
    command = f"nvidia-smi -i {card.index} -pl {watts}"  # not shown: a command stays as it is
    if platform != "win32":  # on Windows it is typed in a terminal opened as administrator
        command = f"sudo {command}"  # not shown: a command stays as it is
    return PowerAdvice(watts, lost, command)


def speed_share(power_share: float) -> float:
    """Return the expected share of the full speed at this share of the default power limit."""
    if power_share >= _SPEED_AT[0][0]:
        return 1.0
    for (above, fast), (below, slow) in itertools.pairwise(_SPEED_AT):
        if power_share >= below:
            return slow + (fast - slow) * (power_share - below) / (above - below)
    return max(0.05, _SPEED_AT[-1][1] * power_share / _SPEED_AT[-1][0])
