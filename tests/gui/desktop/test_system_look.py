from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.desktop.system_look import SystemLook
from gui.kit import theme
from gui.kit.look.colors import CONTRAST_DARK, CONTRAST_LIGHT, DARK
from gui.shell.window import WizardWindow
from gui.wizard.session import Session


def test_the_window_follows_the_system_unless_a_look_was_chosen(
    session: Session, qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = WizardWindow(session)
    drawn: list[str] = []
    monkeypatch.setattr(window, "restyle", lambda: drawn.append("again"))
    look = SystemLook(qapp, window)
    contrast = qapp.styleHints().accessibility().contrastPreferenceChanged
    contrast.emit(Qt.ContrastPreference.HighContrast)
    contrast.emit(Qt.ContrastPreference.HighContrast)
    qtbot.waitUntil(lambda: drawn == ["again"])
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    qtbot.waitUntil(lambda: len(drawn) == 2)
    session.look_changed.disconnect()
    session.change_settings(appearance="light")
    contrast.emit(Qt.ContrastPreference.HighContrast)
    assert not look._clock.isActive()
    look.shut_down()
    window.shut_down()
    window.close()


@pytest.mark.parametrize(
    ("dark", "contrast", "wanted"),
    [(True, False, DARK), (False, True, CONTRAST_LIGHT), (True, True, CONTRAST_DARK)],
)
def test_what_the_system_asks_for_is_taken(dark: bool, contrast: bool, wanted: object) -> None:
    scheme = Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light
    high = Qt.ContrastPreference
    preference = high.HighContrast if contrast else high.NoPreference
    hints = SimpleNamespace(
        colorScheme=lambda: scheme,
        accessibility=lambda: SimpleNamespace(contrastPreference=lambda: preference),
    )
    app = SimpleNamespace(styleHints=lambda: hints)
    assert theme._resolve(app, "system") is wanted  # type: ignore[arg-type]
    assert not theme._resolve(app, "light").dark  # type: ignore[arg-type]
