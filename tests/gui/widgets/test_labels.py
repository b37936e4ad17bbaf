from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.widgets.labels import announce, label, selectable, set_look, text_pane

GUI = Path(__file__).resolve().parents[3] / "gui"


def test_markup_stays_plain_text(qtbot: QtBot) -> None:
    for made in (label("<b>x</b>"), selectable("<b>x</b>")):
        qtbot.addWidget(made)
        assert made.textFormat() is Qt.TextFormat.PlainText
    pane = text_pane("Answer", "<img src='http://x/'>")
    qtbot.addWidget(pane)
    assert pane.toPlainText() == "<img src='http://x/'>"
    assert pane.isReadOnly()
    assert pane.accessibleName() == "Answer"


def test_no_label_is_made_around_the_plain_one() -> None:
    """Text from data or models could be read as markup by a bare QLabel or QTextEdit."""
    found = []
    for path in GUI.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name != "labels.py":
            found += [f"{path.name}: {m}" for m in re.findall(r"QLabel\([^)]+\)", text)]
        found += [f"{path.name}: {m}" for m in re.findall(r"setHtml|QTextBrowser|RichText", text)]
    assert not found


def test_a_look_is_a_property_for_the_stylesheet(qtbot: QtBot) -> None:
    made = label("x", role="title")
    qtbot.addWidget(made)
    assert made.property("role") == "title"
    set_look(made, role="small", tone="good")
    assert (made.property("role"), made.property("tone")) == ("small", "good")
    announce(made, "said")
