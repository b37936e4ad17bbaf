import pytest

from core.hardware.cards.card import Card, CardReport
from core.hardware.cards.makers import Maker
from core.installation.variant import Variant, choose, name_of

NONE = CardReport(reason="No NVIDIA graphics card was found.")


def card(driver: str, capability: tuple[int, int] | None) -> CardReport:
    return CardReport((Card(0, name="The card", driver=driver, compute_capability=capability),))


@pytest.mark.parametrize(
    ("driver", "capability", "variant", "note"),
    [
        ("580.95.05", (8, 6), Variant.CU130, ""),
        ("590.10", (12, 0), Variant.CU130, ""),
        ("", None, Variant.CU130, ""),
        ("550.120", (8, 6), Variant.CU126, "580 or newer"),
        ("580.95", (6, 1), Variant.CU126, ""),
        ("535.1", (6, 1), Variant.CU126, "580 or newer"),
        ("550.120", (12, 0), Variant.CPU, "Update it to 580"),
        ("470.1", (8, 6), Variant.CPU, "Update it to 580"),
        ("580.95", (3, 5), Variant.CPU, "too old for today's PyTorch"),
    ],
)
def test_card_and_driver_choose_the_build(driver, capability, variant, note):
    choice = choose(card(driver, capability), [Maker.NVIDIA])
    assert choice.variant is variant
    assert (note in choice.note) if note else choice.note == ""
    assert choice.card == "The card" and choice.driver == driver


def test_a_build_that_is_not_part_of_this_version_is_said():
    choice = choose(card("550.1", (8, 6)), [], [Variant.CU130, Variant.CPU])
    assert choice.variant is Variant.CPU and "not part of this version" in choice.note
    assert "580 or newer may help" in choice.note


@pytest.mark.parametrize(
    ("driver", "capability", "offered"),
    [("590.1", (12, 0), Variant.CU126), ("535.1", (6, 1), Variant.CU130)],
)
def test_no_newer_driver_is_asked_for_that_would_not_help(driver, capability, offered):
    choice = choose(card(driver, capability), [], [offered, Variant.CPU])
    assert choice.variant is Variant.CPU and "so the processor is used" in choice.note
    assert "driver" not in choice.note


def test_the_newest_of_several_cards_decides():
    cards = (Card(0, name="Old", compute_capability=(6, 1)),
             Card(1, name="New", driver="580.1", compute_capability=(8, 9)))  # fmt: skip
    choice = choose(CardReport(cards), [])
    assert (choice.variant, choice.card) == (Variant.CU130, "New")
    assert choice.others == (Variant.CU126, Variant.CPU)


@pytest.mark.parametrize(
    ("makers", "words"),
    [
        ([], "No NVIDIA graphics card was found."),
        ([Maker.NVIDIA, Maker.INTEL], "its driver does not answer"),
        ([Maker.AMD, Maker.INTEL], "an AMD graphics card"),
        ([Maker.INTEL], "Intel graphics"),
    ],
)
def test_other_makers_are_named(makers, words):
    choice = choose(NONE, makers)
    assert choice.variant is Variant.CPU and words in choice.note and not choice.others


def test_every_build_has_a_name():
    assert len({name_of(variant) for variant in Variant}) == len(Variant)
