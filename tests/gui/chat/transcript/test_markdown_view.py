from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtNetwork import QNetworkAccessManager
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QTextBrowser
from pytestqt.qtbot import QtBot

from gui.chat.transcript.markdown_view import MarkdownView
from gui.kit.theme import apply_theme

PICTURE = Path(__file__).parents[4] / "resources" / "pictures" / "training.png"


@pytest.fixture
def view(qapp: QApplication, qtbot: QtBot) -> Iterator[MarkdownView]:
    apply_theme(qapp, "light")
    made = MarkdownView()
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show()
    yield made


def browser(view: MarkdownView) -> QTextBrowser:
    return view.findChild(QTextBrowser)


def test_html_is_shown_as_text(view: MarkdownView) -> None:
    view.show_text("<b>bold</b> <script>alert(1)</script>\n\n<p>block</p>\n")
    said = view.plain_text()
    for part in ("<b>bold</b>", "<script>alert(1)</script>", "<p>block</p>"):
        assert part in said


def test_no_picture_is_loaded(view: MarkdownView, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[QUrl] = []
    monkeypatch.setattr(
        QNetworkAccessManager, "createRequest", lambda *given: asked.append(given[1])
    )
    view.show_text(f"![a plot](file://{PICTURE}) ![far](http://127.0.0.1:9/x.png)")
    text = browser(view)
    assert "[a plot]" in view.plain_text()
    assert "￼" not in view.plain_text()
    assert text.document().size().height() < 100  # the picture is 800 high
    assert asked == []


def test_a_link_is_only_told_of(view: MarkdownView, qtbot: QtBot) -> None:
    view.show_text("See [this](https://example.org/x).")
    before = view.plain_text()
    with qtbot.waitSignal(view.link_chosen) as chosen:
        browser(view).anchorClicked.emit(QUrl("https://example.org/x"))
    assert chosen.args == ["https://example.org/x"]
    assert view.plain_text() == before


def test_code_can_be_copied(view: MarkdownView) -> None:
    view.show_text("Do:\n\n```python\nprint(1)\n```\n")
    pane = view.findChild(QPlainTextEdit)
    assert pane.toPlainText() == "print(1)"
    view._parts[1]._copy.click()
    assert QGuiApplication.clipboard().text() == "print(1)"


def test_a_text_that_becomes_code_is_drawn_as_code(view: MarkdownView) -> None:
    for piece in ("``", "`py\nx =", " 1\n``", "`\nSo."):
        view.feed(piece)
        view.finish()
    assert view.plain_text() == "x = 1\nSo."


def test_a_long_answer_is_no_slower_than_a_short_one(view: MarkdownView, qtbot: QtBot) -> None:
    """Only its last part is drawn again."""

    def cost(turns: int) -> float:
        begun = time.perf_counter()
        for number in range(turns):
            view.feed(f"Word {number} of a sentence. " + ("\n\n" if number % 8 == 7 else ""))
            view.finish()
        return time.perf_counter() - begun

    cost(40)
    early = cost(120)
    for number in range(6000):
        view.feed(f"Word {number} of a sentence. " + ("\n\n" if number % 8 == 7 else ""))
    view.finish()
    assert len(view._parts) > 50
    assert cost(120) < 6 * early + 0.2
