import pytest

from core.hardware.cards.card import Card, CardReport
from core.hardware.cards.reader import read_cards
from core.hardware.cards.visible import HIDDEN, VARIABLE, visible
from tests.core.hardware.fake_nvml import FakeNvml

THREE = CardReport(tuple(Card(n, f"card {n}", f"GPU-{n}a{n}") for n in range(3)))


@pytest.mark.parametrize(
    ("names", "seen"),
    [
        (None, [0, 1, 2]),
        ("1", [1]),
        ("2, 0", [2, 0]),
        ("GPU-1a1", [1]),
        ("GPU-2a,GPU-0", [2, 0]),
        ("1,7,0", [1]),
        ("MIG-12345", [0, 1, 2]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("0,0", []),
        ("GPU-", []),
    ],
)
def test_cards_are_chosen_as_cuda_does(names: str | None, seen: list[int]) -> None:
    found = visible(THREE, {} if names is None else {VARIABLE: names})
    assert [card.index for card in found.cards] == seen
    assert found.reason == ("" if seen else HIDDEN.format(variable=VARIABLE))


def test_a_machine_without_a_card_keeps_its_reason() -> None:
    none = CardReport(reason="There is none.")
    assert visible(none, {VARIABLE: ""}) is none


def test_every_reading_honours_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "GPU-00000002")
    assert [card.index for card in read_cards(FakeNvml(cards=2)).cards] == [1]
