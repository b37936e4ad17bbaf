"""The window by a screen reader alone: what is found and pressed has a name, a role and a state.

The sample project is walked from the start page to a trained model; a tiny model, at 200 %, from
its choice to a saved adapter; every other page is looked at. ``test_screen_reader`` runs each of
these in a process of its own: the library that reads the window keeps the first desktop that a
process has seen.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from core.models import sample
from core.settings import load_settings, save_settings
from core.wizard import Step
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.screen_reader import (
    CONTROLS,
    ENABLED,
    FOCUSABLE,
    SENSITIVE,
    Desktop,
    Thing,
)

pytestmark = [pytest.mark.sample, pytest.mark.slow]
_LAID_OUT = 15  # seconds
_PRESSED = ("push button", "toggle button", "check box", "radio button")


@pytest.fixture
def opened(home: Path, tmp_path: Path) -> Iterator[Callable[[str], Desktop]]:
    """Open the window on a desktop of its own, at a scale."""
    made: list[Desktop] = []

    def do(scale: str) -> Desktop:
        made.append(Desktop(home, scale))
        made[0].open([sys.executable, "-m", "gui"])
        return made[0]

    yield do
    for desktop in made:
        desktop.close()
    end_jobs(tmp_path)


def end_jobs(folder: Path) -> None:
    """A run continues without the window, also without that of a test that failed."""
    for process in psutil.process_iter(["cmdline"]):
        if any(str(folder) in part for part in process.info["cmdline"] or ()):
            process.kill()
            process.wait(timeout=30)


def change_settings(**values: object) -> None:
    """Change what the window reads at its start."""
    save_settings(load_settings().model_copy(update={"tour_seen": True, **values}))


@pytest.fixture
def prepared(tmp_path: Path, tiny_model: Path) -> None:
    """A project with examples, which the window opens again, and a model on the disk."""
    session = Session()
    session.create_project(tmp_path / "Projekt ü 漢字", "Probe")
    scenes.add_dataset(session, rows=60)
    session.go_to(Step.BASE_MODEL)
    session.close()
    change_settings(model_folders=(str(tiny_model),))


def lacking(desktop: Desktop) -> list[str]:
    """Return what has no name, or states that contradict each other."""
    return [f"{thing}: {fault}" for thing in desktop.things() for fault in _faults(thing)]


def _faults(thing: Thing) -> Iterator[str]:
    if (thing.role in CONTROLS or thing.has(FOCUSABLE)) and not thing.name.strip():
        yield "no name"
    if thing.role == "combo box" and not thing.label:
        yield "only its value is told"
    if thing.role == "chart" and not thing.description:
        yield "not told in words"
    if thing.role in _PRESSED and thing.has(ENABLED) != thing.has(SENSITIVE):
        yield "its states contradict each other"


def check(desktop: Desktop) -> None:
    """Nothing is lacking, once the page has found its layout."""
    until = time.monotonic() + _LAID_OUT
    while (found := lacking(desktop)) and time.monotonic() < until:
        time.sleep(0.5)
    assert found == []


def test_the_sample_from_the_start_to_a_trained_model(
    opened: Callable[[str], Desktop], home: Path, sample_model: Path
) -> None:
    kept = home / "models" / sample.MODEL_NAME
    shutil.copytree(sample_model, kept, copy_function=os.link)
    change_settings()
    desktop = opened("1")
    check(desktop)
    desktop.press("Try the sample project")
    desktop.find("push button", "Use these .* examples", able=True)
    check(desktop)
    desktop.press("Use these .* examples")
    desktop.find("push button", "Use SmolLM2 135M", able=True)
    check(desktop)
    desktop.press("Use SmolLM2 135M")
    desktop.find("push button", r"Start training \(", able=True)
    check(desktop)
    desktop.press(r"Start training \(")
    desktop.hear("Training is under way")
    desktop.hear(r"done: 1\d%")
    check(desktop)
    chart = desktop.find("chart", "How wrong the model is")
    assert chart.description.startswith("Step "), chart.description
    desktop.press(" ?Stop and keep the best so far")
    desktop.hear("The best version is saved")
    desktop.find("push button", "Compare with the base model", able=True)
    check(desktop)


def test_a_model_from_its_choice_to_a_saved_adapter_at_twice_the_size(
    prepared: None, opened: Callable[[str], Desktop], tmp_path: Path
) -> None:
    desktop = opened("2")
    desktop.press("tiny-llama", "radio button")
    check(desktop)
    desktop.press("Use tiny-llama")
    desktop.press(r"Start training \(")
    desktop.press("Compare with the base model")
    check(desktop)
    desktop.press("Let both models answer")
    desktop.press("Rate the answers blind")
    desktop.press(".*A is better", "check box")
    told = [f"{thing.name} {thing.description}" for thing in desktop.things()]
    assert not any("tiny" in text for text in told), "who wrote what stays hidden"
    check(desktop)
    desktop.find("label", "Question 2 of")
    desktop.press("Finish early and see the result")
    check(desktop)
    desktop.press("Save the fine-tune")
    desktop.press("Python", "radio button")
    target = tmp_path / "Gespeichert ü"
    desktop.find("text", "New folder for the adapter").fill(str(target))
    check(desktop)
    desktop.press("Save and check the adapter")
    desktop.hear("Saved in")
    assert (target / "adapter_model.safetensors").is_file()
    check(desktop)


def test_every_other_page(prepared: None, opened: Callable[[str], Desktop]) -> None:
    desktop = opened("1")
    desktop.find("radio button", "tiny-llama")
    for place in ("Chat", "Daily use", "Library"):
        desktop.press(place)
        desktop.find("label", place)
        check(desktop)
    for opener, title, closer in (
        ("Preferences", "Preferences", "Close"),
        ("Help", "How-tos, keys and words", "Close"),
    ):
        desktop.press(opener)
        desktop.find("dialog", title)
        check(desktop)
        desktop.press(closer)
