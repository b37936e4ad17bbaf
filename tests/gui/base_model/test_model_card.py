from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.hardware.cards.reader import Card, CardReport
from core.hardware.system.machine import Machine
from core.models.catalogue import SAMPLE_KEY, find_entry, load_catalogue
from core.models.inspection import inspect_model
from core.planning import environment, planner
from core.planning.environment import Environment
from core.planning.workload import DatasetSize
from gui.base_model.model_card import Candidate, ModelCard, from_catalogue, from_folder
from tests.core.models.folders import make_model


def around(free: int) -> Environment:
    card = Card(0, name="RTX 3090", memory_total=25_769_803_776, memory_free=free)
    machine = Machine("x", "y", 8, 32_000_000_000, 20_000_000_000, 1)
    return Environment(CardReport((card,)), machine, DatasetSize(600, 60, 400.0, 1500))


def test_the_badge_follows_the_free_memory_and_shows_the_numbers(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "why_unusable", lambda _card: "")
    large = next(e for e in load_catalogue() if e.shape.total_parameters > 6e9)
    card = ModelCard(from_catalogue(large, Path("x")))
    qtbot.addWidget(card)
    assert card.rank() == 2
    for free, title in ((24_000_000_000, "Fits comfortably"), (2_000_000_000, "Won't fit")):
        card.show_fit(around(free))
        assert card._badge.text() == title
        assert "GB free on the graphics card" in card._fit.text()
    assert card.rank() == 3


def test_a_model_without_the_fast_path_says_so(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def sentences(candidate: Candidate) -> list[str]:
        card = ModelCard(candidate)
        qtbot.addWidget(card)
        return [text.text() for text in card.findChildren(QLabel) if "fast path" in text.text()]

    folder = from_folder(inspect_model(make_model(tmp_path / "mine")))
    sample = next(entry for entry in load_catalogue() if entry.packaged)
    for candidate in (folder, from_catalogue(sample, Path("x"))):
        assert sentences(candidate) == []
    monkeypatch.setattr(planner, "FUSED_FAMILIES", frozenset())
    (said,) = sentences(folder)
    assert said.startswith("The fast path does not support models of the family “llama” yet")


def test_a_folder_shows_what_was_found_in_it(qtbot: QtBot, tmp_path: Path) -> None:
    candidate = from_folder(inspect_model(make_model(tmp_path / "mine")))
    assert candidate.name == "mine"
    assert "LlamaForCausalLM" in candidate.facts
    assert "no chat template" in candidate.warning


def test_a_base_that_names_no_end_says_so(tmp_path: Path) -> None:
    found = inspect_model(make_model(tmp_path / "model"))
    assert "no end-of-text token" in from_folder(replace(found, end="")).warning
    assert "no end-of-text token" not in from_folder(replace(found, end="</s>")).warning


def test_what_a_model_is_good_at_is_said_in_the_present_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = find_entry(SAMPLE_KEY)
    assert entry is not None
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en_XA")
    assert from_catalogue(entry, Path()).text.startswith("⟦")
