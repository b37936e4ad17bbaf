from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from gui.kit.labels import SteadyLabel, announce, label, plain_tip, selectable, set_look, text_pane
from gui.kit.tool_button import tool_button

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
        if path.name != "markdown_view.py":  # shows Markdown without loading anything: see its test
            found += [f"{path.name}: {m}" for m in re.findall("QTextBrowser", text)]
        found += [f"{path.name}: {m}" for m in re.findall(r"setHtml|RichText", text)]
    assert not found


def test_a_look_is_a_property_for_the_stylesheet(qtbot: QtBot) -> None:
    made = label("x", role="title")
    qtbot.addWidget(made)
    assert made.property("role") == "title"
    set_look(made, role="small", tone="good")
    assert (made.property("role"), made.property("tone")) == ("small", "good")
    announce(made, "said")


def test_tips_are_plain_text(qtbot: QtBot) -> None:
    """Qt reads a tip that looks like markup as markup, and would load a picture from a network."""
    title = '<img src="http://192.0.2.1/x.png"><b>seed</b> & 3'
    shown = plain_tip(title)
    document = QTextDocument()
    document.setHtml(shown)
    assert document.toPlainText() == title
    assert "<img" not in shown
    assert plain_tip("seed & 3") == "seed & 3"
    button = tool_button("up", f"Move “{title}” up")
    qtbot.addWidget(button)
    assert "<img" not in button.toolTip()


def test_every_tip_goes_through_one_function() -> None:
    found = [
        f"{path.name}: {line.strip()}"
        for path in sorted(GUI.rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\.setToolTip\(|ToolTipRole|setWhatsThis|setStatusTip", line)
        and "plain_tip(" not in line
    ]
    assert not found


def test_a_steady_text_is_as_high_as_its_longest(qtbot: QtBot) -> None:
    long = "They are hidden from the model, and nobody is ever told of them again. " * 3
    steady = SteadyLabel(("Short.", long))
    qtbot.addWidget(steady)
    heights = set()
    for text in ("Short.", long, ""):
        steady.setText(text)
        heights.add(steady.heightForWidth(200))
    assert len(heights) == 1
