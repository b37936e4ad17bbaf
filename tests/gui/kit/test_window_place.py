from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from core.settings import Settings
from gui.examples.receipt_dialog import _SIZE as RECEIPT
from gui.kit.theme import application, apply_theme
from gui.kit.window_place import fit_dialog, geometry_of, place_window
from gui.settings.queue_dialog import QueueDialog
from gui.settings.sweep import Varied
from gui.shell.preferences.dialog import PreferencesDialog
from gui.shell.window import WizardWindow
from gui.wizard.session import Session
from gui.wizard.training_plan import TrainingPlan


@pytest.fixture(params=[(1366, 768), (1024, 600), (910, 512), (2560, 1440)], ids=str)
def screen(request: pytest.FixtureRequest) -> Iterator[QSize]:
    size = QSize(*request.param)
    with patch.object(QScreen, "availableGeometry", lambda _self: QRect(0, 0, *request.param)):
        yield size


def test_the_first_window_fits_with_its_frame(session: Session, screen: QSize) -> None:
    window = WizardWindow(session)
    window.show()
    assert window.width() <= screen.width()
    assert window.height() + 30 <= screen.height(), "its title bar belongs to it"
    assert window.footer.back.isVisible(), "the first page has no verb without a project"
    assert window.footer.back.geometry().bottom() < window.footer.height()
    window.shut_down()
    window.close()


@pytest.mark.parametrize("scale", [1.0, 1.7])
def test_a_dialog_is_never_larger_than_the_screen(
    session: Session, qtbot: QtBot, screen: QSize, scale: float
) -> None:
    session.change_settings(text_scale=scale)
    preferences = PreferencesDialog(session)
    preferences.show()
    receipt = QDialog()
    fit_dialog(receipt, *RECEIPT)
    for dialog in (preferences, receipt):
        assert dialog.height() + 30 <= screen.height()
        assert dialog.width() <= screen.width()
        dialog.close()


def test_twenty_trainings_for_the_queue_leave_the_button_on_the_screen(
    plan: TrainingPlan, qtbot: QtBot
) -> None:
    dialog = QueueDialog(plan, Settings())
    qtbot.addWidget(dialog)
    dialog.vary.setCurrentIndex(dialog.vary.findData(Varied.SEED))
    dialog.values.setText(", ".join(map(str, range(20))))
    dialog.show()
    assert dialog.add.text() == "Add 20 runs"
    assert dialog.minimumSizeHint().height() < 480
    assert dialog.rect().contains(dialog.buttons.geometry())


def test_what_was_maximised_comes_back_so(qtbot: QtBot) -> None:
    first, second = QWidget(), QWidget()
    place_window(first, "")
    first.resize(784, 700)
    first.showMaximized()
    place_window(second, geometry_of(first))
    second.show()
    assert second.isMaximized()
    second.showNormal()
    assert second.normalGeometry().size() == QSize(784, 700)
    first.close()
    second.close()


@pytest.mark.parametrize("damaged", ["", "é", "AAAA", "AdnQywADAAD/////", "[1180, 780]"])
def test_a_damaged_place_gives_a_window_that_can_be_used(damaged: str) -> None:
    window, fresh = QWidget(), QWidget()
    place_window(window, damaged)
    place_window(fresh, "")
    assert window.minimumSize() == fresh.minimumSize()
    assert window.size().boundedTo(fresh.size()) == window.size()
    assert window.size().expandedTo(window.minimumSize()) == window.size()


def test_the_window_keeps_its_place_in_the_preferences(session: Session) -> None:
    window = WizardWindow(session)
    window.showMaximized()
    window.close()
    again = WizardWindow(Session(Settings(geometry=session.settings.geometry)))
    again.show()
    assert again.isMaximized()
    again.shut_down()
    again.close()


def test_a_dialog_grows_with_the_size_of_text(session: Session, qtbot: QtBot) -> None:
    sizes = []
    with patch.object(QScreen, "availableGeometry", lambda _self: QRect(0, 0, 2560, 1440)):
        for scale in (0.75, 1.0, 1.7):
            apply_theme(application(), "light", scale)
            dialog = QDialog()
            fit_dialog(dialog, 500, 300)
            sizes.append(dialog.size())
    apply_theme(application(), "light")
    assert sizes[:2] == [QSize(500, 300), QSize(500, 300)]
    assert sizes[2].width() == pytest.approx(850, abs=2)
