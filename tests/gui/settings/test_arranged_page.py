from __future__ import annotations

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from gui.settings.page import SettingsPage
from gui.wizard.session import Session
from tests.gui import scenes

Open = Callable[[type, Session], SettingsPage]


def test_presets_stand_above_what_they_take_and_the_values_below(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = open_page(SettingsPage, ready_session)
    scenes.until(qtbot, lambda: page.plan is not None)
    parts = (page.presets, page._fit.parentWidget(), page.preview, page.editor)
    tops = [part.y() for part in parts]
    qtbot.waitUntil(lambda: [part.y() for part in parts] == sorted(part.y() for part in parts))
    assert len(set(tops)) == len(tops)
    assert page._fit.property("card") == "quiet", "no colour where nothing is to be decided"
