import dataclasses
import sys
from pathlib import Path

import pytest

from core.hardware import usable
from core.hardware.gpu import CardReport
from core.planning.surroundings import Surroundings, look_around
from tests.core.planning.situations import LLAMA_8B, MACHINE, RTX_3090, SAMPLE, SAMPLE_DATA

WITH_CARD = Surroundings(CardReport((RTX_3090,)), MACHINE, SAMPLE_DATA, extra_watts=80)
WITHOUT = Surroundings(CardReport(reason="none"), MACHINE, SAMPLE_DATA)


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
    small = Surroundings(CardReport(reason="none"), MACHINE.__class__(
        "Linux", "p", 2, 4 << 30, 3 << 30, None), SAMPLE_DATA)  # fmt: skip
    assert small.badge(LLAMA_8B).level == "wont_fit"


def test_this_machine_can_be_looked_at_without_examples(tmp_path: Path) -> None:
    here = look_around(tmp_path, None)
    assert here.free_memory is None or here.free_memory > 0
    assert here.data.train_examples > 0


def test_cards_of_one_kind_train_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    second = dataclasses.replace(RTX_3090, index=1)
    pair = Surroundings(CardReport((RTX_3090, second)), MACHINE, SAMPLE_DATA)
    assert pair.situation(LLAMA_8B).cards == 2
    other = dataclasses.replace(second, name="NVIDIA GeForce RTX 4090")
    mixed = Surroundings(CardReport((RTX_3090, other)), MACHINE, SAMPLE_DATA)
    assert (mixed.training_cards, WITH_CARD.training_cards, WITHOUT.training_cards) == (1, 1, 1)
    monkeypatch.setattr(sys, "platform", "win32")
    assert pair.training_cards == 1
