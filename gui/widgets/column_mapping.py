"""What was guessed about a file, correctable: each column's role, and the text encoding."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QFrame, QHBoxLayout, QPushButton, QWidget

from core.data.draft import DraftSummary
from core.data.readers import ReadOptions
from core.data.readers.options import ColumnRole
from core.data.report import SURE
from gui.theme import Space
from gui.widgets.dropdown import Dropdown
from gui.widgets.labels import label, set_look

_ROLES: dict[str, str] = {
    "": "Not used",
    "question": "Question",
    "context": "Question, second part",
    "answer": "Answer",
    "system": "Instruction for the model",
    "conversation": "Whole conversation",
    "reasoning": "Reasoning before the answer",
    "text": "Text to learn",
    "task": "Name of the task",
    "history": "Earlier turns",
    "loss": "Yes or no: a good example",
}
_MOST_FIELDS = 40
"""Columns that are listed; each further one of a wide table is added when it is wanted."""

_MOST_NOTICES = 8
_ENCODINGS = (
    "utf-8", "cp1252", "utf-16", "iso-8859-15", "cp1250", "cp1251", "gb18030", "shift_jis",
    "big5", "euc_kr", "cp437",
)  # fmt: skip


class ColumnMapping(QFrame):
    """A list of columns with their roles.

    Attributes:
        corrected: the person wants the files read again with these ``ReadOptions``.
    """

    corrected = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="neutral")
        self.fields: dict[str, QComboBox] = {}
        self.encoding = Dropdown()
        self.encoding.setAccessibleName("Text encoding")
        self.more = Dropdown()
        self.more.setAccessibleName("Another column")
        self.more.activated.connect(self._add_chosen)
        self.again = QPushButton("Read again with these columns")
        self.again.clicked.connect(lambda: self.corrected.emit(self.options()))
        self._form = QFormLayout(self)
        self._form.setContentsMargins(Space.MEDIUM, Space.MEDIUM, Space.MEDIUM, Space.MEDIUM)

    def show_summary(self, summary: DraftSummary) -> None:
        """List the columns as they were guessed."""
        for widget in (self.encoding, self.again, self.more):
            widget.setParent(None)
        while self._form.rowCount():
            self._form.removeRow(0)
        self.fields = {}
        shown = _listed(summary)
        for name in shown:
            self._add_field(self._form.rowCount(), name, summary.mapping.get(name, ""))
        self._offer([name for name in summary.columns if name not in self.fields])
        self._show_encoding(summary)

    def _add_field(self, place: int, name: str, chosen: str) -> None:
        field = Dropdown()
        for role, text in _ROLES.items():
            field.addItem(text, role)
        field.setCurrentIndex(max(0, field.findData(chosen)))
        field.setAccessibleName(f"Role of the column {name}")
        self.fields[name] = field
        self._form.insertRow(place, label(f"Column “{name}”", wrap=False), field)

    def _offer(self, names: list[str]) -> None:
        """Let one of the columns that are not listed be added."""
        self.more.clear()
        self.more.setVisible(bool(names))
        if names:
            self.more.addItem(f"Choose one of {len(names):,} more …")
            self.more.addItems(names)
            self._form.addRow(label("Another column", wrap=False), self.more)

    def _add_chosen(self, place: int) -> None:
        name = self.more.itemText(place)
        if place > 0 and name not in self.fields:
            self._add_field(len(self.fields), name, "")
        self.more.setCurrentIndex(0)

    def _show_encoding(self, summary: DraftSummary) -> None:
        self.encoding.clear()
        guessed = summary.encoding
        self.encoding.addItem(f"As guessed ({guessed})" if guessed else "As guessed", "")
        for name in _ENCODINGS:
            self.encoding.addItem(name, name)
        chosen = summary.options.read.encoding
        self.encoding.setCurrentIndex(max(0, self.encoding.findData(chosen)))
        if guessed:
            self._form.addRow(label("Text encoding", wrap=False), self.encoding)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.again)
        self._form.addRow(row)

    def options(self) -> ReadOptions:
        """Return what is chosen now."""
        columns: dict[str, ColumnRole] = {
            name: field.currentData() for name, field in self.fields.items() if field.currentData()
        }
        return ReadOptions(columns=columns, encoding=self.encoding.currentData() or "")


def _listed(summary: DraftSummary) -> list[str]:
    """Return the columns that are used, and as many of the others as can be looked through."""
    others = [name for name in summary.columns if name not in summary.mapping]
    room = max(0, _MOST_FIELDS - len(summary.mapping))
    shown = {*summary.mapping, *others[:room]}
    return [name for name in summary.columns if name in shown]


def notices_in_words(summary: DraftSummary) -> str:
    """Return, a line each, what was left out of the files or taken for something."""
    lines = [notice.text for notice in summary.notices[:_MOST_NOTICES]]
    more = len(summary.notices) - len(lines)
    return "\n".join([*lines, *([f"And {more} more of this kind."] if more else [])])


def guessed_in_words(summary: DraftSummary) -> str:
    """Return one line that says how the files were understood."""
    order = list(_ROLES)
    used = sorted(summary.mapping.items(), key=lambda item: order.index(item[1]))
    parts = [f"{_ROLES[role]}: “{name}”" for name, role in used]
    kinds = {
        "conversations": "Conversations", "messages": "Conversations", "text": "Plain text",
        "preference": "Preference pairs (the preferred answer is used)",
        "unknown": "Nothing that looks like question and answer", "mixed": "Several shapes",
    }  # fmt: skip
    shape = kinds.get(summary.shape, "Questions and answers")
    sure = "" if summary.confidence >= SURE else " – this is a guess, please check"
    encoding = f", {summary.encoding}" if summary.encoding else ""
    return f"{shape} ({summary.format}{encoding}). {'; '.join(parts)}{sure}".strip()
