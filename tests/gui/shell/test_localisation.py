from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QPoint, Qt, QTranslator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.jobs.spec import training_params
from core.jobs.supervisor import is_alive
from core.language import PSEUDO, PSEUDO_MIRRORED
from core.storage.files import write_json
from core.wizard import Step
from gui.kit.theme import application
from gui.shell.localisation import localise
from gui.shell.page_stack import PAGES
from gui.shell.window import WizardWindow
from gui.wizard.page import Place
from gui.wizard.session import Session
from tests.foreign_files import BEHAVIOUR
from tests.gui import scenes
from tests.gui.fake_training_child import TOTAL, let_go_on

LANGUAGE = "HOMELAB_TUNER_LANGUAGE"


@pytest.fixture(autouse=True)
def english_afterwards(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(LANGUAGE, "en")
    before = QLocale()
    yield
    os.environ[LANGUAGE] = "en"
    localise(qapp)
    for translator in qapp.findChildren(QTranslator):
        QCoreApplication.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(before)


def cancel() -> str:
    return QCoreApplication.translate("QPlatformTheme", "Cancel")


@pytest.fixture
def window(ready_session: Session, qtbot: QtBot) -> Iterator[WizardWindow]:
    made = WizardWindow(ready_session)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.shut_down()
    made.close()


def test_texts_and_numbers_of_qt_follow_the_language(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text, number in (("de", "Abbrechen", "0,5"), ("en", "Cancel", "0.5")):
        monkeypatch.setenv(LANGUAGE, name)
        localise(qapp)
        assert cancel() == text
        assert QLocale().toString(0.5) == number


def test_texts_of_qt_that_appear_show_in_the_pseudo_language_but_names_of_keys_stay(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LANGUAGE, PSEUDO)
    localise(qapp)
    assert cancel().startswith("⟦Ç")
    assert QCoreApplication.translate("QShortcut", "Ctrl") == "Ctrl"


def test_another_language_rebuilds_the_window_in_place(window: WizardWindow) -> None:
    before = (window.page, window.geometry(), window.session.project)
    window.session.change_settings(language=PSEUDO)
    assert window.page is not before[0]
    assert window.page is not None
    assert window.page.title().startswith("⟦")
    assert window.page.title() == window._title.text()
    assert window.session.state.current is Step.BASE_MODEL
    assert (window.geometry(), window.session.project) == before[1:]
    window.session.change_settings(language="en")
    assert window.page.title() == "Base model"


def test_another_language_stays_in_the_library(window: WizardWindow) -> None:
    window.show_place(Place.LIBRARY)
    window.session.change_settings(language=PSEUDO)
    assert window.page is not None
    assert not window.page.is_step()
    assert window.page.title().startswith("⟦")


def test_right_to_left_mirrors_the_window(window: WizardWindow, qtbot: QtBot) -> None:
    def left_edge() -> int:
        return window.sidebar.mapTo(window, QPoint()).x()

    assert left_edge() == 0
    window.session.change_settings(language=PSEUDO_MIRRORED)
    assert application().layoutDirection() is Qt.LayoutDirection.RightToLeft
    scenes.until(qtbot, lambda: left_edge() > window.width() // 2)
    window.session.change_settings(language="en")
    assert application().layoutDirection() is Qt.LayoutDirection.LeftToRight
    scenes.until(qtbot, lambda: left_edge() == 0)


@pytest.mark.usefixtures("fake_training")
def test_a_run_in_progress_is_followed_on_in_another_language(
    ready_session: Session, qtbot: QtBot
) -> None:
    run = scenes.add_run(ready_session)
    write_json(run.root / BEHAVIOUR, {"waits_at": 5})
    ready_session.go_to(Step.TRAINING)
    ready_session.start_next(run.name)
    window = WizardWindow(ready_session)
    window.show()
    scenes.until(qtbot, lambda: window.page.view_model.step == 5)
    before = window.page
    ready_session.change_settings(language=PSEUDO)
    assert window.page is not before
    assert window.page.is_busy()
    assert window.page.title().startswith("⟦")
    scenes.until(qtbot, lambda: window.page.view_model.step == 5)
    let_go_on(run)
    scenes.until(qtbot, lambda: not window.page.is_busy())
    assert window.page.view_model.step == TOTAL
    assert ready_session.state.training_done
    window.shut_down()
    window.deleteLater()
    scenes.until(qtbot, lambda: not is_alive(run))


@pytest.mark.usefixtures("fake_training")
def test_the_job_of_a_page_is_followed_on_in_another_language(
    ready_session: Session, qtbot: QtBot
) -> None:
    run = scenes.add_run(ready_session)
    write_json(run.root / BEHAVIOUR, {"waits_at": 5})
    window = WizardWindow(ready_session)
    window.show()
    window.page._job.run(run, "Unpacking …", training_params(run))
    scenes.until(qtbot, lambda: is_alive(run))
    window.show_place(Place.LIBRARY)
    ready_session.change_settings(language=PSEUDO)
    page = window._pages.made(PAGES[Step.BASE_MODEL])
    assert page is not None
    assert page.is_busy()
    assert is_alive(run)
    page._job.cancel()
    scenes.until(qtbot, lambda: not page.is_busy())
    window.shut_down()
    window.deleteLater()
    scenes.until(qtbot, lambda: not is_alive(run))
