import sys

import pytest

from core.hardware.cards.alike import how_many_together

ONE, OTHER = ("RTX 3090", 24), ("RTX 4090", 24)


@pytest.mark.parametrize(
    ("cards", "system", "count"),
    [
        ([], "linux", 1),
        ([ONE], "linux", 1),
        ([ONE, ONE, ONE], "linux", 3),
        ([ONE, OTHER], "linux", 1),
        ([ONE, ONE], "win32", 1),
    ],
)
def test_equal_cards_train_together_where_the_system_can(monkeypatch, cards, system, count):
    monkeypatch.setattr(sys, "platform", system)
    assert how_many_together(cards) == count
