"""The main pages in the sizes that windows have: nothing scrolls sideways, is cut or covered.

With ``HOMELAB_TUNER_GALLERY=DIR`` every main page is drawn in each size, else a few.
"""
# ruff: noqa: F811 - fixtures that are imported

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractScrollArea, QGraphicsView, QLineEdit, QWidget

from tests.gui import test_gallery as gallery
from tests.gui.readable import cut_texts, overlapping
from tests.gui.test_gallery import (
    Stage,
    draw,
    light_again,  # noqa: F401
    stage,  # noqa: F401
)


@dataclass(frozen=True)
class Size:
    """A window, and how large its text is."""

    width: int
    height: int
    scale: float = 1.0

    def __str__(self) -> str:
        text = f"-{self.scale:.0%}" if self.scale != 1 else ""
        return f"{self.width}x{self.height}{text}"


Scene = Callable[[Stage], None]
_SIZES = (Size(900, 620), Size(1366, 768), Size(1920, 1080), Size(1920, 1080, 2.0))
_SHORT: tuple[Scene, ...] = (gallery.saving_table, gallery.library, gallery.examples_harmful)
_ALL: tuple[Scene, ...] = (
    *_SHORT, gallery.start_projects, gallery.base_model_get, gallery.settings, gallery.training,
    gallery.comparison_scores, gallery.comparison_rating, gallery.saving, gallery.chat_answered,
    gallery.daily_use,
)  # fmt: skip
_FOLDER = os.environ.get("HOMELAB_TUNER_GALLERY", "")
_SCENES = _ALL if _FOLDER else _SHORT


def sideways(window: QWidget) -> list[str]:
    return [
        f"{type(area).__name__} {area.accessibleName()!r}"
        for area in window.findChildren(QAbstractScrollArea)
        if area.isVisibleTo(window)
        and not isinstance(area, QLineEdit | QGraphicsView)  # a plot has its own zoom
        and area.horizontalScrollBar().maximum() > 0
    ]


@pytest.mark.parametrize("size", _SIZES, ids=str)
@pytest.mark.parametrize("scene", _SCENES, ids=lambda scene: scene.__name__)
def test_everything_has_its_place(
    scene: Scene, size: Size, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "SIZE", (size.width, size.height))
    stage.session.change_settings(text_scale=size.scale)
    draw(scene, "light", stage, Path(_FOLDER or tmp_path) / f"{scene.__name__}-{size}.png")
    assert sideways(stage.window) == []
    assert cut_texts(stage.window) == []
    assert overlapping(stage.window) == []
    assert (stage.window.width(), stage.window.height()) == (size.width, size.height)
