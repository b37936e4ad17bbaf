from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.events import Failed, Progress, Transfer
from core.hardware.cards.card import CardReport
from core.installation import plan
from core.installation.lock import EngineLock
from core.installation.plan import engine_state
from core.installation.variant import Variant
from core.installed_engine import use_engine
from gui.installation.dialog import EngineDialog
from tests.gui import scenes
from tests.loopback_index import Index, serving

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "home"))
    with serving(Index()) as served:

        def lock(variant: Variant) -> EngineLock:
            return served.lock(variant, size=1_000_000)

        monkeypatch.setattr(plan, "read_lock", lock)
        monkeypatch.setattr(plan, "available", lambda: (Variant.CPU, Variant.CU130))
        monkeypatch.setattr(plan, "read_cards", lambda: CardReport(reason="No card."))
        yield served
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "none"))
    use_engine()


@pytest.fixture
def dialog(index: Index, qtbot: QtBot) -> Iterator[EngineDialog]:
    made = EngineDialog()
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.show()
    scenes.until(qtbot, lambda: made.plan is not None)
    yield made
    made.done(0)


def test_nothing_connects_before_the_button(dialog: EngineDialog, index: Index) -> None:
    text = dialog.lines.text()
    assert "No card." in text and "Download: 1 MB from 127.0.0.1" in text
    assert not index.seen and dialog.install.isEnabled() and not dialog.bar.isVisible()


def test_install_pause_resume_and_done(dialog: EngineDialog, index: Index, qtbot: QtBot) -> None:
    index.rate = 400_000
    qtbot.mouseClick(dialog.install, LEFT)
    scenes.until(qtbot, lambda: engine_state().kept > 100_000)
    assert dialog.bar.isVisible() and not dialog.install.isVisible()
    qtbot.mouseClick(dialog.pause, LEFT)
    scenes.until(qtbot, dialog.install.isVisible)
    scenes.until(qtbot, lambda: dialog.plan is not None and dialog.install.isEnabled())
    assert "Resume" in dialog.install.text() and "are kept" in dialog.note.text()
    index.rate = 0
    with qtbot.waitSignal(dialog.changed, timeout=60_000):
        qtbot.mouseClick(dialog.install, LEFT)
    assert "PyTorch works: 2.13.0" in dialog.message.what.text()
    assert engine_state().record is not None


def test_what_fails_is_said_and_can_be_tried_again(dialog: EngineDialog, qtbot: QtBot) -> None:
    dialog._take(Progress(phase="Installing PyTorch"))
    assert dialog.note.text() == "Installing PyTorch" and dialog.bar.maximum() == 0
    dialog._take(Transfer(file="torch.whl", done=1, total=2))
    assert dialog.bar.value() == 500
    dialog._ended(Failed(code="engine.no_network", what="No way.", todo="Try again."))
    scenes.until(qtbot, dialog.install.isEnabled)
    assert dialog.message.what.text() == "No way."
    dialog._ended(Failed(code="job.killed", what="Killed.", todo="From the last checkpoint."))
    assert dialog.message.todo.text() == "Press Resume to continue where it was."


def test_a_wrong_source_is_said(dialog: EngineDialog, qtbot: QtBot) -> None:
    dialog.source.setText("/nowhere/at/all")
    dialog.source.editingFinished.emit()
    scenes.until(qtbot, dialog.message.isVisible)
    assert "neither a folder" in dialog.message.what.text() and not dialog.install.isEnabled()
