"""One training value: its name, an editor, what it means, its usual value, Reset and a warning."""

from __future__ import annotations

from typing import Any, get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from core.config.training import TrainingConfig
from core.language import N_, _
from core.planning.advice import Advice, plain
from core.planning.explanations import Explanation
from gui.kit.boxes import hbox, vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.flow import Flow
from gui.kit.icons import pixmap
from gui.kit.labels import label, letters, set_look
from gui.kit.theme import Space, Tone, colors

_EDITOR_WIDTH = (21, 150)  # letters, and the least pixels
_NAME_WIDTH = (32, 230)
_TONES: dict[str, Tone] = {"hint": "neutral", "warning": "warning", "problem": "problem"}
_FIXED = N_("fixed by the adapter you continue from")
_SIGNS = {"hint": "info", "warning": "warning", "problem": "problem"}


def shown(value: Any) -> str:
    """Return a value as it is typed."""
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, float):
        return plain(value)
    return ", ".join(value) if isinstance(value, tuple | list) else str(value)


class SettingRow(QFrame):
    """Edits one value of the training config.

    Attributes:
        edited: name and what you typed or picked; text that is no value is passed on unchanged,
            so that the config can say what is wrong with it.
    """

    edited = Signal(str, object)

    def __init__(self, explanation: Explanation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.explanation = explanation
        self.field = explanation.field
        self._usual: Any = None
        self._advice: Advice | None = None
        self.editor = self._make_editor()
        self.editor.setFixedWidth(letters(*_EDITOR_WIDTH))
        self.editor.setAccessibleName(explanation.title)
        self.editor.setAccessibleDescription(explanation.text)
        self._state = label("", "small")
        self.reset = QPushButton(_("Reset"))
        self.reset.setAccessibleName(_("Reset {name}", name=explanation.title))
        self.reset.clicked.connect(lambda: self.edited.emit(self.field, self._usual))
        self._warning = QFrame()
        self._warning_sign = QLabel()
        self._warning_text = label("")
        self.suggestion = QPushButton()
        self.suggestion.clicked.connect(self._take_suggestion)
        self._lay_out()
        self.show_advice(None)

    def _make_editor(self) -> QWidget:
        kind = TrainingConfig.model_fields[self.field].annotation
        if kind is bool:
            box = QCheckBox(_("on"))
            box.clicked.connect(lambda on: self.edited.emit(self.field, on))
            return box
        choices = [str(choice) for choice in get_args(kind) if choice is not Ellipsis]
        if choices and kind is not None and "Literal" in str(kind):  # not shown
            combo = Dropdown()
            combo.addItems(choices)
            combo.textActivated.connect(lambda text: self.edited.emit(self.field, text))
            return combo
        line = QLineEdit()
        line.editingFinished.connect(self._typed)
        return line

    def _lay_out(self) -> None:
        name = label(self.explanation.title)
        name.setFixedWidth(letters(*_NAME_WIDTH))
        name.setBuddy(self.editor)
        unit = label(self.explanation.unit, "muted", wrap=False)
        head = Flow(
            name, self.editor, unit, self._state, self.reset,
            stretch=self._state, spacing=Space.MEDIUM,
        )  # fmt: skip
        said = QWidget()
        said.setLayout(Flow(self._warning_text, self.suggestion, stretch=self._warning_text))
        hbox(self._warning_sign, (said, 1), on=self._warning, margins=(Space.MEDIUM, Space.TINY))
        vbox(
            head,
            label(self.explanation.text, "small"),
            self._warning,
            on=self,
            margins=(0, Space.TINY),
            spacing=2,
        )

    def _typed(self) -> None:
        if isinstance(self.editor, QLineEdit) and self.editor.isModified():
            self.editor.setModified(False)
            self.edited.emit(self.field, self._parsed(self.editor.text().strip()))

    def _parsed(self, text: str) -> Any:
        """Turn text into what the config validates; a comma counts as a decimal point."""
        if isinstance(self._usual, tuple | list):
            return tuple(part.strip() for part in text.split(",") if part.strip())
        return text.replace(",", ".")

    def show_value(self, value: Any, usual: Any, *, fixed: bool = False) -> None:
        """Show the value in use, and whether it is the usual one or cannot be changed."""
        self._usual = usual
        self.editor.setEnabled(not fixed)
        if isinstance(self.editor, QCheckBox):
            self.editor.setChecked(bool(value))
        elif isinstance(self.editor, QComboBox):
            self.editor.setCurrentText(str(value))
        elif isinstance(self.editor, QLineEdit):
            self.editor.setText(shown(value))
            self.editor.setCursorPosition(0)
        changed = value != usual
        state = _("changed; usually {value}", value=shown(usual)) if changed else ""
        self._state.setText(_(_FIXED) if fixed else state)
        self.reset.setVisible(changed)

    def show_advice(self, advice: Advice | None) -> None:
        """Show a warning below the value with a button that fixes it, or hide it."""
        self._advice = advice
        self._warning.setVisible(advice is not None)
        if advice is None:
            return
        tone = _TONES[advice.level]
        set_look(self._warning, card=tone)
        self._warning_sign.setPixmap(pixmap(_SIGNS[advice.level], colors().of(tone), 18))
        self._warning_text.setText(advice.text)
        self.suggestion.setText(advice.question or _("Reset"))
        self.suggestion.setVisible(advice.suggestion is not None)
        self.editor.setAccessibleDescription(f"{advice.text} {self.explanation.text}")

    def refuse(self, value: object) -> None:
        """Say that ``value`` cannot be used here, and offer the usual one."""
        text = _("“{value}” cannot be used here. The previous value stays.", value=str(value))
        ask = _("Use {value}?", value=shown(self._usual))
        self.show_advice(Advice(self.field, "problem", text, self._usual, ask))

    def _take_suggestion(self) -> None:
        if self._advice is not None:
            self.edited.emit(self.field, self._advice.suggestion)

    def matches(self, words: str) -> bool:
        """Return whether a search for ``words`` finds this value."""
        about = self.explanation
        text = f"{about.field} {about.title} {about.text}".lower()
        return all(word in text for word in words.lower().split())
