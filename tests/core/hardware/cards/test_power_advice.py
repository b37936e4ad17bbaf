import dataclasses
import itertools

import pytest

from core.hardware.cards.power_advice import advise_power_limit, power_advice, speed_share
from core.hardware.cards.reader import Card

CARD = Card(
    index=1, power_limit=350, power_limit_default=350, power_limit_range=(100, 366)
)  # fmt: skip


def test_advice_names_watts_loss_and_command() -> None:
    advice = advise_power_limit(CARD, "linux")
    assert advice is not None
    assert (advice.watts, advice.command) == (280, "sudo nvidia-smi -i 1 -pl 280")
    assert power_advice([CARD], "linux") == (
        "At 280 W the card would stay cooler and train about 7% slower. The limit lasts until the "
        "next restart. Command: sudo nvidia-smi -i 1 -pl 280"
    )


def test_several_cards_each_have_their_command() -> None:
    other = dataclasses.replace(CARD, index=0)
    text = power_advice([other, CARD], "win32")
    assert text.startswith("With lower power limits (280 W) the cards would stay cooler")
    assert text.endswith("Commands: nvidia-smi -i 0 -pl 280; nvidia-smi -i 1 -pl 280")
    low = dataclasses.replace(other, power_limit=250.0)
    assert power_advice([low, CARD], "win32").endswith("Command: nvidia-smi -i 1 -pl 280")
    assert power_advice([low]) == power_advice([]) == ""


def test_windows_has_no_sudo() -> None:
    advice = advise_power_limit(CARD, "win32")
    assert advice is not None
    assert advice.command == "nvidia-smi -i 1 -pl 280"


@pytest.mark.parametrize(
    "changes",
    [
        {"power_limit": 250.0},
        {"power_limit": None},
        {"power_limit_range": None},
        {"power_limit_range": (350.0, 350.0)},
        {"power_limit_default": None},
    ],
)
def test_no_advice_where_nothing_is_won_or_known(changes: dict[str, object]) -> None:
    assert advise_power_limit(dataclasses.replace(CARD, **changes)) is None


def test_speed_falls_slower_than_power_and_never_jumps() -> None:
    shares = [i / 100 for i in range(1, 121)]
    speeds = [speed_share(share) for share in shares]
    assert speeds == sorted(speeds)
    assert all(speed > share for share, speed in zip(shares, speeds, strict=True) if share < 1)
    steps = [b - a for a, b in itertools.pairwise(speeds)]
    assert max(steps) < 0.02
