from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.installation.plan import EngineState
from gui.installation import offer
from gui.installation.offer import EngineOffer


def test_it_stands_only_where_pytorch_is_missing(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = EngineOffer()
    qtbot.addWidget(bar)
    bar.look()
    assert bar.isHidden()
    monkeypatch.setattr(offer, "engine_state", lambda: EngineState(False, None, None, 0))
    bar.look()
    assert not bar.isHidden() and "is not installed" in bar.what.text()
    dialog = bar.open_dialog()
    assert bar.dialog is dialog and dialog.isVisible()
    dialog.reject()
