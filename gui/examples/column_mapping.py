"""What was guessed about a file, correctable: each column's role, and the text encoding."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QFrame, QPushButton, QWidget

from core.data.draft import DraftSummary
from core.data.readers import ReadOptions
from core.data.readers.options import ColumnRole
from core.data.report import SURE
from core.language import N_, _, ngettext
from gui.kit.boxes import hbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.labels import label, set_look
from gui.kit.theme import Space

_ROLES: dict[str, str] = {
    "": N_("Not used"),
    "question": N_("Question"),
    "context": N_("Question, second part"),
    "answer": N_("Answer"),
    "system": N_("Instruction for the model"),
    "conversation": N_("Whole conversation"),
    "reasoning": N_("Reasoning before the answer"),
    "text": N_("Text to learn"),
    "task": N_("Name of the task"),
    "history": N_("Earlier turns"),
    "loss": N_("Yes or no: a good example"),
}
_SHAPES: dict[str, str] = {
    "conversations": N_("Conversations"),
    "messages": N_("Conversations"),
    "text": N_("Plain text"),
    "preference": N_("Preference pairs (the preferred answer is used)"),
    "unknown": N_("Nothing that looks like question and answer"),
    "mixed": N_("Rows of different kinds"),
}
_QUESTIONS = N_("Questions and answers")
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
        corrected: the user wants the files read again with these ``ReadOptions``.
    """

    corrected = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="neutral")
        self.fields: dict[str, QComboBox] = {}
        self.encoding = Dropdown()
        self.encoding.setAccessibleName(_("Text encoding"))
        self.encoding.activated.connect(lambda _place: self.corrected.emit(self.options()))
        self.more = Dropdown()
        self.more.setAccessibleName(_("Another column"))
        self.more.activated.connect(self._add_chosen)
        self.again = QPushButton(_("Read again with these columns"))
        self.again.clicked.connect(lambda: self.corrected.emit(self.options()))
        self._form = QFormLayout(self)
        self._form.setContentsMargins(Space.MEDIUM, Space.MEDIUM, Space.MEDIUM, Space.MEDIUM)
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        for field in (self.encoding, self.more):
            field.be_narrow()

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
        field.be_narrow()
        for role, text in _ROLES.items():
            field.addItem(_(text), role)
        field.setCurrentIndex(max(0, field.findData(chosen)))
        field.setAccessibleName(_("Role of column {name}", name=name))
        self.fields[name] = field
        self._form.insertRow(place, label(_("Column “{name}”", name=name)), field)

    def _offer(self, names: list[str]) -> None:
        """Let one of the columns that are not listed be added."""
        self.more.clear()
        self.more.setVisible(bool(names))
        if names:
            self.more.addItem(_more(len(names)))
            self.more.addItems(names)
            self._form.addRow(label(_("Another column"), wrap=False), self.more)

    def _add_chosen(self, place: int) -> None:
        name = self.more.itemText(place)
        if place > 0 and name not in self.fields:
            self._add_field(len(self.fields), name, "")
        self.more.setCurrentIndex(0)

    def _show_encoding(self, summary: DraftSummary) -> None:
        self.encoding.clear()
        guessed = _encoding_in_words(summary.encoding) if summary.encoding else ""
        detected = _("As detected ({encoding})", encoding=guessed)
        self.encoding.addItem(detected if guessed else _("As detected"), "")
        for name in _ENCODINGS:
            self.encoding.addItem(name, name)
        chosen = summary.options.read.encoding
        self.encoding.setCurrentIndex(max(0, self.encoding.findData(chosen)))
        if guessed:
            self._form.addRow(label(_("Text encoding"), wrap=False), self.encoding)
        row = hbox(1, self.again)
        self._form.addRow(row)

    def options(self) -> ReadOptions:
        """Return what is chosen now."""
        columns: dict[str, ColumnRole] = {
            name: field.currentData() for name, field in self.fields.items() if field.currentData()
        }
        return ReadOptions(columns=columns, encoding=self.encoding.currentData() or "")


def _more(count: int) -> str:
    return ngettext("Choose one more column …", "Choose one of {count:,} more columns …", count)


def _listed(summary: DraftSummary) -> list[str]:
    """Return the columns that are used, and as many of the others as can be looked through."""
    others = [name for name in summary.columns if name not in summary.mapping]
    room = max(0, _MOST_FIELDS - len(summary.mapping))
    shown = {*summary.mapping, *others[:room]}
    return [name for name in summary.columns if name in shown]


def notices_in_words(summary: DraftSummary) -> str:
    """Return, a line each, what was left out of the files or taken for something."""
    notices = [notice for notice in summary.notices if not notice.asked]
    lines = [notice.text for notice in notices[:_MOST_NOTICES]]
    more = len(notices) - len(lines)
    if more:
        lines.append(
            ngettext("And {count:,} more like this.", "And {count:,} more like these.", more)
        )
    return "\n".join(lines)


def _encoding_in_words(name: str) -> str:
    """Return what other programs call an encoding: Windows-1252 for cp1252."""
    if name == "mixed":
        return _("several encodings")
    return f"Windows-{name[2:]}" if name.startswith("cp12") else name.upper()


def guessed_in_words(summary: DraftSummary) -> str:
    """Return one line that says how the files were understood."""
    order = list(_ROLES)
    used = sorted(summary.mapping.items(), key=lambda item: order.index(item[1]))
    columns = [_("{role}: “{column}”", role=_(_ROLES[role]), column=name) for name, role in used]
    shape = _(_SHAPES.get(summary.shape, _QUESTIONS))
    named = _("several formats") if summary.format == "mixed" else summary.format.replace("_", " ")
    form = ", ".join(filter(None, (named, _encoding_in_words(summary.encoding))))
    sentences = [_("{shape} ({form}).", shape=shape, form=form)]
    if columns:
        # Translators: Question: “a”; Answer: “b”
        sentences.append(_("{columns}.", columns="; ".join(columns)))
    if summary.confidence < SURE:
        sentences.append(_("This is a guess. Please check."))
    return " ".join(sentences)
