import dataclasses
import sys
from pathlib import Path

import pytest

from core.errors import UserFacingError
from core.hardware.cards import reader, usable
from core.hardware.cards.reader import CardReport
from core.planning.environment import Environment, examine_machine
from tests.core.hardware.fake_nvml import FakeNvml
from tests.core.planning.plan_inputs import LLAMA_8B, MACHINE, RTX_3090, SAMPLE, SAMPLE_DATA

WITH_CARD = Environment(CardReport((RTX_3090,)), MACHINE, SAMPLE_DATA, extra_watts=80)
WITHOUT = Environment(CardReport(reason="none"), MACHINE, SAMPLE_DATA)


@pytest.fixture(autouse=True)
def torch_for_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usable, "torch_cuda_version", lambda: "13.0")


def test_a_card_that_pytorch_cannot_use_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usable, "torch_cuda_version", lambda: "")
    assert (WITH_CARD.device, WITH_CARD.free_memory) == ("cpu", 24 << 30)
    assert WITH_CARD.hardware.card is None
    assert "cannot use graphics cards" in WITH_CARD.reason


def test_a_card_decides_where_the_training_runs() -> None:
    assert (WITH_CARD.device, WITH_CARD.free_memory) == ("gpu", 23 << 30)
    assert (WITHOUT.device, WITHOUT.free_memory) == ("cpu", 24 << 30)
    assert (WITH_CARD.reason, WITHOUT.reason) == ("", "none")


def test_the_hardware_of_the_estimate() -> None:
    assert WITH_CARD.hardware.card is RTX_3090
    assert WITH_CARD.hardware.extra_watts == 80
    assert WITHOUT.hardware.card is None


def test_badges_of_a_small_and_a_large_model() -> None:
    assert WITHOUT.badge(SAMPLE).level == "fits"
    assert WITH_CARD.badge(LLAMA_8B).level == "fits"
    small = Environment(CardReport(reason="none"), MACHINE.__class__(
        "Linux", "p", 2, 4 << 30, 3 << 30, None), SAMPLE_DATA)  # fmt: skip
    assert small.badge(LLAMA_8B).level == "wont_fit"


def test_without_a_card_the_badge_says_how_long_it_takes() -> None:
    many = dataclasses.replace(SAMPLE_DATA, train_examples=10_000)
    quick, slow = WITHOUT.badge(SAMPLE), dataclasses.replace(WITHOUT, data=many).badge(LLAMA_8B)
    assert quick.title.startswith("Takes ") and "min" in quick.title
    assert slow.level == "tight"
    assert slow.title.startswith("Takes ") and "day" in slow.title
    assert "GB free in the computer's memory" in slow.sentence
    assert WITH_CARD.badge(LLAMA_8B).title == "Fits comfortably"


def test_this_machine_can_be_looked_at_without_examples(tmp_path: Path) -> None:
    here = examine_machine(tmp_path, None)
    assert here.free_memory is None or here.free_memory > 0
    assert here.data.train_examples > 0


def test_cards_of_one_kind_train_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    second = dataclasses.replace(RTX_3090, index=1)
    pair = Environment(CardReport((RTX_3090, second)), MACHINE, SAMPLE_DATA)
    assert pair.plan_input(LLAMA_8B).cards == 2
    other = dataclasses.replace(second, name="NVIDIA GeForce RTX 4090")
    mixed = Environment(CardReport((RTX_3090, other)), MACHINE, SAMPLE_DATA)
    assert (mixed.training_cards, WITH_CARD.training_cards, WITHOUT.training_cards) == (1, 1, 1)
    monkeypatch.setattr(sys, "platform", "win32")
    assert pair.training_cards == 1


def test_fewer_cards_can_be_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    three = tuple(dataclasses.replace(RTX_3090, index=n) for n in range(3))
    here = Environment(CardReport(three), MACHINE, SAMPLE_DATA)
    assert [here.plan_input(LLAMA_8B, cards=n).cards for n in (0, 1, 2, 3)] == [3, 1, 2, 3]
    assert [here.processes(n) for n in (0, 1, 2)] == [None, 1, 2]
    assert here.processes(3) is None, "a card that is lost later is done without"
    assert WITHOUT.plan_input(LLAMA_8B, cards=1).cards == 1
    for around, count in ((here, 4), (here, -1), (WITH_CARD, 2)):
        with pytest.raises(UserFacingError) as refusal:
            around.processes(count)
        assert refusal.value.code == "cards.count"


def test_a_card_that_cuda_does_not_show_is_not_planned_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reader, "load_nvml", lambda: FakeNvml(cards=2))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    here = examine_machine(tmp_path, None)
    assert here.card is not None
    assert (here.card.index, here.training_cards) == (1, 1)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    here = examine_machine(tmp_path, None)
    assert here.device == "cpu"
    assert "CUDA_VISIBLE_DEVICES" in here.reason
