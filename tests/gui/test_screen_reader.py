"""The whole way by a screen reader alone: role and name through AT-SPI, at 100 % and at 200 %."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings, save_settings
from core.wizard import Step
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.screen_reader import CONTROLS, ENABLED, SENSITIVE, Desktop, why_not

pytestmark = [
    pytest.mark.sample,
    pytest.mark.skipif(bool(why_not()), reason=f"no accessible desktop here: {why_not()}"),
]
_LAID_OUT = 15  # seconds
_PRESSED = ("push button", "toggle button", "check box", "radio button")


def prepared(home: Path, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a project with examples, which the window opens again, and a model on the disk."""
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(home))
    session = Session()
    session.create_project(tmp_path / "Projekt ü 漢字", "Probe")
    scenes.add_dataset(session, rows=60)
    session.go_to(Step.BASE_MODEL)
    save_settings(
        Settings.model_validate(
            {**session.settings.model_dump(), "model_folders": (str(model),), "tour_seen": True}
        )
    )


@pytest.fixture(params=["1", "2"], ids=["100 %", "200 %"])
def desktop(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desktop]:
    home = tmp_path / "home"
    prepared(home, tmp_path, tiny_model, monkeypatch)
    made = Desktop(home, request.param)
    try:
        made.open([sys.executable, "-m", "gui"])
        yield made
    finally:
        made.close()


def lacking(desktop: Desktop) -> list[str]:
    """Return what is shown and has no name, or states that contradict each other."""
    found = []
    for thing in desktop.things():
        if thing.role in CONTROLS and not thing.name:
            found.append(f"{thing}: no name")
        if thing.role in _PRESSED and thing.has(ENABLED) != thing.has(SENSITIVE):
            found.append(f"{thing}: its states contradict each other")
    return found


def check(desktop: Desktop) -> None:
    """Nothing is lacking, once the page has found its layout."""
    until = time.monotonic() + _LAID_OUT
    while (found := lacking(desktop)) and time.monotonic() < until:
        time.sleep(0.5)
    assert found == []


def test_from_a_base_model_to_a_saved_adapter_by_names_alone(
    desktop: Desktop, tmp_path: Path
) -> None:
    desktop.press("tiny-llama", "radio button")
    check(desktop)
    desktop.press("Use tiny-llama")
    desktop.find("push button", r"Start training \(", able=True)
    check(desktop)
    desktop.press(r"Start training \(")
    desktop.find("push button", "Compare with the base model", able=True)
    check(desktop)
    desktop.press("Compare with the base model")
    desktop.press("Let both models answer")
    desktop.press("Rate the answers blind")
    desktop.press(".*A is better")
    assert not any("tiny" in f"{thing.name} {thing.description}" for thing in desktop.things()
                   if thing.role in ("text", "label")), "who wrote what stays hidden"  # fmt: skip
    desktop.press("Next question")
    desktop.press("Finish early and see the result")
    desktop.press("Save the fine-tune")
    target = tmp_path / "Gespeichert ü"
    desktop.find("text", "New folder for the adapter").fill(str(target))
    check(desktop)
    desktop.press("Save and check the adapter")
    desktop.find("label", ".*fresh process")
    assert (target / "adapter_model.safetensors").is_file()
    desktop.hear("aved")
