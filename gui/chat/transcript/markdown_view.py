"""An answer as it is read: Markdown without anything from outside, code with a button to copy it.

What a model writes is not trusted: no picture is loaded, HTML is shown as text, and a link is only
opened after a question.
"""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QTextBrowser, QWidget
from shiboken6 import isValid

from core.language import _
from gui.chat.transcript.later import Later
from gui.chat.transcript.segments import Segment, Segments
from gui.kit.boxes import hbox, vbox
from gui.kit.labels import announce, label, set_look
from gui.kit.look.fonts import CODE
from gui.kit.theme import Space, colors
from gui.kit.tool_button import tool_button

_FEATURES = (
    QTextDocument.MarkdownFeature.MarkdownDialectGitHub
    | QTextDocument.MarkdownFeature.MarkdownNoHTML
)
_SHARE = 8  # of the time, one part in so many is spent on drawing an answer that grows
_MONOSPACED = (CODE, "DejaVu Sans Mono", "Consolas", "Menlo", "monospace")  # not shown: fonts
_OFF = Qt.ScrollBarPolicy.ScrollBarAlwaysOff


class MarkdownView(QWidget):
    """Shows an answer, also while it is written.

    Attributes:
        link_chosen: the address of a link.
    """

    link_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._segments = Segments()
        self._parts: list[_Text | _Code] = []
        self._column = vbox(on=self, margins=0, spacing=Space.SMALL)
        self._waiting = False
        self._drawn_at, self._cost = 0.0, 0.0

    def show_text(self, text: str, later: Later | None = None) -> None:
        """Show a whole answer, part after part if there is time later."""
        for part in self._parts:
            self._column.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts, self._segments = [], Segments()
        self._segments.feed(text)
        if later is None:
            self.finish()
        else:
            later.add(self._draw_next)

    def _draw_next(self) -> bool:
        """Draw one part; return whether more are left."""
        if not isValid(self):
            return False
        segments = self._segments.all()
        place = len(self._parts)
        if place < len(segments):
            self._replace(place, segments[place])
        return len(self._parts) < len(segments)

    def feed(self, text: str) -> None:
        """Take the next piece; it is seen after the next :meth:`refresh`."""
        self._segments.feed(text)
        self._waiting = True

    def refresh(self) -> None:
        """Draw what has come, unless drawing would take too much of the time."""
        now = time.monotonic()
        if self._waiting and now - self._drawn_at >= _SHARE * self._cost:
            self.finish()

    def finish(self) -> None:
        """Draw what has come."""
        begun = time.monotonic()
        for place, segment in enumerate(self._segments.all()):
            if place < len(self._parts) and isinstance(self._parts[place], _kind(segment)):
                self._parts[place].show_segment(segment)
            else:
                self._replace(place, segment)
        self._waiting = False
        self._drawn_at = time.monotonic()
        self._cost = self._drawn_at - begun

    def _replace(self, place: int, segment: Segment) -> None:
        """A part becomes another kind when its first line turns out to be a fence."""
        for part in self._parts[place:]:
            self._column.removeWidget(part)
            part.hide()
            part.deleteLater()
        del self._parts[place:]
        part = _kind(segment)(self)
        if isinstance(part, _Text):
            part.anchorClicked.connect(lambda url: self.link_chosen.emit(url.toString()))
        self._parts.append(part)
        self._column.addWidget(part)
        part.show_segment(segment)

    def plain_text(self) -> str:
        """Return what can be read now."""
        return "\n".join(part.toPlainText() for part in self._parts)


class _Text(QTextBrowser):
    """Running text, as high as it needs to be."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown: Segment | None = None
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(_OFF)
        self.setVerticalScrollBarPolicy(_OFF)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(True)
        self.setAccessibleName(_("Answer"))
        self.document().setDocumentMargin(0)
        set_look(self, role="answer")

    def loadResource(self, _kind: int, _name: QUrl | str) -> Any:
        """Load nothing: no picture and no file that an answer names."""
        return None

    def show_segment(self, segment: Segment) -> None:
        """Show this text."""
        if segment == self._shown:
            return
        self._shown = segment
        document = self.document()
        document.setMarkdown(segment.text, _FEATURES)
        _tame(document)
        links = any(True for _link in _links(document))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if links else Qt.FocusPolicy.ClickFocus)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width needs another height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def sizeHint(self) -> QSize:
        """Ask for no width of its own."""
        return QSize(100, self.height())

    def minimumSizeHint(self) -> QSize:
        """Be as narrow as needed."""
        return QSize(1, self.minimumHeight())

    def _fit(self) -> None:
        margins = self.height() - self.viewport().height()
        high = int(self.document().size().height() + 0.999) + max(0, min(margins, 12))
        if high != self.minimumHeight() or high != self.maximumHeight():
            self.setFixedHeight(max(high, self.fontMetrics().height()))

    def wheelEvent(self, event: Any) -> None:
        """Leave the wheel to the conversation."""
        event.ignore()


class _Code(QFrame):
    """Code with its language and a button that copies it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        set_look(self, card="code")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._text = ""
        self._language = label("", "small", wrap=False)
        self._copy = tool_button("copy", _("Copy code"), self._copy_all)
        self._pane = QPlainTextEdit()
        self._pane.setReadOnly(True)
        self._pane.setTabChangesFocus(True)
        self._pane.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._pane.setFrameShape(QFrame.Shape.NoFrame)
        self._pane.setVerticalScrollBarPolicy(_OFF)
        self._pane.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._pane.setAccessibleName(_("Code"))
        self._pane.setMinimumWidth(1)
        set_look(self._pane, role="code")
        head = hbox(self._language, 1, self._copy, margins=0)
        vbox(head, self._pane, on=self, margins=(Space.SMALL, 2, Space.TINY, Space.TINY), spacing=0)

    def show_segment(self, segment: Segment) -> None:
        """Show this code; what is only longer is added to what is there."""
        self._language.setText(segment.language or _("Code"))
        if segment.text.startswith(self._text) and self._text:
            added = segment.text[len(self._text) :]
            if added:
                cursor = QTextCursor(self._pane.document())
                cursor.movePosition(QTextCursor.MoveOperation.End)
                cursor.insertText(added)
        elif segment.text != self._text:
            self._pane.setPlainText(segment.text)
        self._text = segment.text
        self._fit()

    def _fit(self) -> None:
        line = QFontMetricsF(self._pane.font()).lineSpacing()
        rows = self._pane.document().blockCount()
        margins = 2 * self._pane.document().documentMargin() + 4
        bar = self._pane.horizontalScrollBar()
        wide = bar.sizeHint().height() if bar.maximum() > 0 else 0
        self._pane.setFixedHeight(int(rows * line + margins + wide + 0.999))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow pane has a bar below its lines."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def toPlainText(self) -> str:
        """Return the code."""
        return self._text

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        announce(self._copy, _("Copied"))


def _kind(segment: Segment) -> type[_Text | _Code]:
    return _Code if segment.is_code else _Text


def _links(document: QTextDocument) -> Any:
    for place, found in _fragments(document):
        if found.isAnchor() and found.anchorHref():
            yield place


def _fragments(document: QTextDocument) -> Any:
    """Yield begin and format of each run of text that looks alike."""
    block = document.begin()
    while block.isValid():
        at = block.begin()
        while not at.atEnd():
            fragment = at.fragment()
            yield (fragment.position(), fragment.length()), fragment.charFormat()
            at += 1
        block = block.next()


def _tame(document: QTextDocument) -> None:
    """Replace pictures by links to them, which loads nothing, and make headings and code quiet."""
    for (begin, length), form in reversed(list(_fragments(document))):
        looks = QTextCharFormat()
        cursor = QTextCursor(document)
        cursor.setPosition(begin)
        cursor.setPosition(begin + length, QTextCursor.MoveMode.KeepAnchor)
        if form.isImageFormat():
            image = form.toImageFormat()
            named = image.stringProperty(QTextFormat.Property.ImageAltText) or image.name()
            looks.setAnchor(True)
            looks.setAnchorHref(image.name())
            looks.setForeground(QColor(colors().accent))
            cursor.insertText(f"[{named}]", looks)
        elif form.fontFixedPitch():
            looks.setFontFamilies(list(_MONOSPACED))
            cursor.mergeCharFormat(looks)
        elif form.property(QTextFormat.Property.FontSizeAdjustment):
            looks.setProperty(QTextFormat.Property.FontSizeAdjustment, 1)
            cursor.mergeCharFormat(looks)
