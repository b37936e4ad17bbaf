from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from core.wizard import Step
from gui.shell.help.about import AboutSheet
from gui.shell.help.keys import HelpSheet
from gui.shell.palette.dialog import Palette
from gui.shell.preferences.dialog import PreferencesDialog
from gui.shell.window import WizardWindow
from gui.wizard.session import Session


@pytest.fixture
def window(session: Session, qtbot: QtBot) -> Iterator[WizardWindow]:
    made = WizardWindow(session)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.shut_down()
    made.close()


@pytest.mark.parametrize(
    ("key", "kind"),
    [(Qt.Key.Key_K, Palette), (Qt.Key.Key_Comma, PreferencesDialog), (Qt.Key.Key_F1, HelpSheet)],
)
def test_each_has_its_key(
    window: WizardWindow, qtbot: QtBot, key: Qt.Key, kind: type[QDialog]
) -> None:
    with_ctrl = Qt.KeyboardModifier.ControlModifier
    none = Qt.KeyboardModifier.NoModifier
    qtbot.keyClick(window, key, none if key is Qt.Key.Key_F1 else with_ctrl)
    dialog = window.findChild(kind)
    assert dialog.isVisible()
    dialog.reject()


def test_what_is_typed_in_the_palette_is_done(window: WizardWindow, qtbot: QtBot) -> None:
    window.overlays.show_palette()
    palette = window.findChild(Palette)
    qtbot.keyClicks(palette.field, "about")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(AboutSheet) is not None)
    window.findChild(AboutSheet).reject()


def test_another_project_is_opened_by_its_name(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    for name in ("lamps", "letters"):
        session.create_project(tmp_path / name, name)
    made = WizardWindow(session)
    made.show()
    made.overlays.show_palette()
    palette = made.findChild(Palette)
    qtbot.keyClicks(palette.field, "lamps")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.require_project().name == "lamps")
    assert session.state.current is Step.EXAMPLES
    assert made.sidebar.project.text() == "lamps"
    made.shut_down()
    made.close()


def test_the_tour_is_offered_once_and_shown_again_when_asked(
    window: WizardWindow, session: Session
) -> None:
    window.overlays.first_tour()
    assert window.overlays.tour is None, "the page can be read first"
    window.toast.action.click()
    assert window.overlays.tour is not None
    window.overlays.tour.end()
    assert session.settings.tour_seen
    window.overlays.first_tour()
    assert window.overlays.tour is None
    assert window.toast.isHidden()
    window.overlays.show_tour()
    assert window.overlays.tour.isVisible()
    window.overlays.tour.end()
