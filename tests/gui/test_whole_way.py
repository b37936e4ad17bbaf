"""The real way in the real window with real jobs: a tiny model from the hub to a saved adapter."""
# ruff: noqa: F811 - the hub is a fixture that is imported

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.storage.files import read_json
from core.wizard import Step
from gui.shell.window import WizardWindow
from gui.wizard.page import Place
from gui.wizard.session import Session
from tests.core.models.hub.conftest import hub  # noqa: F401 - a fixture
from tests.gui import scenes
from tests.gui.base_model.driving import agree, chosen
from tests.loopback_hub import LoopbackHub

pytestmark = pytest.mark.sample


def test_from_the_hub_to_a_proved_export(
    session: Session, qtbot: QtBot, tmp_path: Path, tiny_model: Path, hub: LoopbackHub
) -> None:
    session.create_project(tmp_path / "Projekt ü 漢字", "Probe")
    scenes.add_dataset(session, rows=60)
    session.go_to(Step.BASE_MODEL)
    window = WizardWindow(session)
    window.show()

    hub.add("Own/Tiny", {path.name: path.read_bytes() for path in tiny_model.iterdir()})
    agree(window, qtbot, "Own/Tiny")
    scenes.until(qtbot, lambda: chosen(window) == "Own/Tiny")
    window.footer.primary.click()
    assert session.state.current is Step.SETTINGS

    page = window.page
    scenes.until(qtbot, lambda: page.plan is not None)
    page.editor.edited.emit("max_steps", "6")
    page.editor.edited.emit("effective_batch", "8")
    page.trial.click()
    assert page.is_busy()
    scenes.until(qtbot, lambda: not page.is_busy(), 120)
    assert page.plan.measured is not None, window.message.what.text()
    assert window.footer.primary.text().startswith("Start training (")
    window.footer.primary.click()
    assert session.state.current is Step.TRAINING

    page = window.page
    scenes.until(qtbot, lambda: not page.is_busy(), 120)
    assert session.state.training_done, page.view.verdict.what.text()
    assert len(page.view_model.raw.x) == 6
    window.footer.primary.click()
    assert session.state.current is Step.COMPARISON

    page = window.page
    page.questions.setCurrentIndex(0)
    window.footer.primary.click()
    scenes.until(qtbot, lambda: not page.is_busy(), 180)
    assert session.state.evaluated, window.message.what.text()
    window.footer.primary.click()
    for choice in ("a", "tie", "b"):
        page.rating.choose(choice)
        window.footer.primary.click()
    page.early.click()
    assert "not enough to tell" in page.verdict.sentence.what.text()
    window.footer.primary.click()
    assert session.state.current is Step.SAVING

    page = window.page
    page.tiles.choose("python")
    target = tmp_path / "Gespeichert ü"
    page.target.setText(str(target))
    window.footer.primary.click()
    scenes.until(qtbot, lambda: not page.is_busy(), 180)
    assert (target / "adapter_model.safetensors").is_file(), window.message.what.text()
    assert session.state.exported_to == str(target)
    assert "fresh process" in page.result.todo.text()
    train_from_adapter(window, qtbot)
    window.close()


def train_from_adapter(window: WizardWindow, qtbot: QtBot) -> None:
    """From the library, the adapter that was just made is trained further."""
    session = window.session
    before = session.state.training_run
    window.show_place(Place.LIBRARY)
    page = window.page
    scenes.until(qtbot, lambda: page.chosen() is not None)
    page.more.click()
    assert session.state.current is Step.SETTINGS

    page = window.page
    scenes.until(qtbot, page.more.isVisible)
    assert page.plan.config.max_steps == 0
    page.editor.edited.emit("max_steps", "2")
    scenes.until(qtbot, window.footer.primary.isEnabled)
    assert window.footer.primary.text().startswith("Train more (")
    window.footer.primary.click()
    assert session.state.current is Step.TRAINING

    page = window.page
    scenes.until(qtbot, lambda: not page.is_busy(), 120)
    assert session.state.training_done, page.view.verdict.what.text()
    facts = read_json(session.training_run().facts_file)
    assert (facts["more_of"], facts["steps"]) == (before, 2)
    assert window.footer.secondary.text() == "Train more …"
    window.footer.secondary.click()
    assert session.state.current is Step.SETTINGS
    assert session.state.more_of == session.training_run().name
