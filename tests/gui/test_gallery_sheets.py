from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from tests.gui.gallery_sheets import main


def picture(folder: Path, name: str, colour: str, wide: int = 120, high: int = 80) -> None:
    folder.mkdir(exist_ok=True)
    image = QImage(wide, high, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    assert image.save(str(folder / name))


def test_both_pictures_stand_on_a_sheet_and_what_is_missing_is_named(
    qtbot: QtBot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after, to = (tmp_path / name for name in ("before", "after ü", "to"))
    picture(before, "start-light.png", "red")
    picture(before, "gone-light.png", "red")
    picture(after, "start-light.png", "blue", wide=200, high=150)
    picture(after, "new-light.png", "blue")
    assert main([str(before), str(after), str(to)]) == 0
    sheet = QImage(str(to / "start-light.png"))
    assert (sheet.width(), sheet.height()) == (120 + 24 + 200, 40 + 150)
    assert sheet.pixelColor(60, 40 + 40) == QColor("red")
    assert sheet.pixelColor(144 + 100, 40 + 75) == QColor("blue")
    assert sheet.pixelColor(60, 40 + 100) == QColor("white"), "the smaller one is not stretched"
    html = (to / "index.html").read_text("utf-8")
    assert html.index("start-light.png") < html.index("Only before") < html.index("gone-light.png")
    assert "new-light.png" in html
    assert "1 sheet(s), 1 only before, 1 only after" in capsys.readouterr().out


def test_folders_without_a_common_scene_are_told(qtbot: QtBot, tmp_path: Path) -> None:
    picture(tmp_path / "a", "one.png", "red")
    picture(tmp_path / "b", "two.png", "red")
    assert main([str(tmp_path / "a"), str(tmp_path / "b"), str(tmp_path / "to")]) == 1
