"""In the smallest window that is promised, nothing scrolls sideways."""
# ruff: noqa: F811 - fixtures that are imported

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLineEdit, QWidget

from gui.kit.theme import apply_theme
from tests.gui import test_gallery as gallery
from tests.gui.test_gallery import (
    Stage,
    let_settle,
    light_again,  # noqa: F401
    stage,  # noqa: F401
)

_SMALL = (900, 620)
_SCENES = (gallery.saving_table, gallery.library, gallery.base_model_get, gallery.examples_harmful)


def sideways(window: QWidget) -> list[str]:
    return [
        f"{type(area).__name__} {area.accessibleName()!r}"
        for area in window.findChildren(QAbstractScrollArea)
        if area.isVisibleTo(window)
        and not isinstance(area, QLineEdit)
        and area.horizontalScrollBar().maximum() > 0
    ]


@pytest.mark.parametrize("scene", _SCENES, ids=lambda scene: scene.__name__)
def test_nothing_scrolls_sideways(
    scene: Callable[[Stage], None], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "SIZE", _SMALL)
    apply_theme(QApplication.instance(), "light", 1.0)
    scene(stage)
    stage.qtbot.wait(60)
    let_settle(stage)
    assert sideways(stage.window) == []
    assert (stage.window.width(), stage.window.height()) == _SMALL
