from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from core.wizard import Step
from gui.shell.palette.entries import entries_of
from gui.shell.window import WizardWindow
from gui.wizard.session import Session


@pytest.fixture
def window(ready_session: Session, qtbot: QtBot) -> Iterator[WizardWindow]:
    made = WizardWindow(ready_session)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.shut_down()
    made.close()


def entry(window: WizardWindow, name: str):  # type: ignore[no-untyped-def]
    return next(found for found in entries_of(window) if found.name == name)


def test_only_what_can_be_done_now_is_offered(window: WizardWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(window.footer.primary.isEnabled)
    names = [found.name for found in entries_of(window)]
    assert {"Start", "Examples", "Base model", "Settings", "Chat", "Library"} <= set(names)
    assert "Comparison" not in names
    assert window.footer.primary.text() == names[0]


def test_pages_places_and_looks_are_gone_to(window: WizardWindow) -> None:
    entry(window, "Start").do()
    assert window.session.state.current is Step.START
    entry(window, "Library").do()
    assert window.page.title() == "Library"
    entry(window, "Dark").do()
    assert window.session.settings.appearance == "dark"
    entry(window, "Light").do()


def test_a_setting_is_shown_where_it_is(window: WizardWindow, qtbot: QtBot) -> None:
    entry(window, "Dropout").do()
    editor = window.page.editor.rows["dropout"].editor
    qtbot.waitUntil(editor.isVisible)
    qtbot.waitUntil(editor.hasFocus)
