"""How the models answer: what they are told first, how freely they write, and how long."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QPlainTextEdit,
    QWidget,
)

from core.generation.spec import MOST_TOKENS
from core.language import _
from gui.chat.view_model import Options
from gui.kit.boxes import vbox
from gui.kit.fields.number_field import DecimalField, NumberField
from gui.kit.flow import Flow
from gui.kit.labels import label, set_look, stacked
from gui.kit.theme import Space

_PROMPT_LINES = 3
_AROUND = 18
_HOTTEST = 2.0


class OptionsPanel(QFrame):
    """What can be chosen.

    Attributes:
        changed: something else is chosen.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.system = QPlainTextEdit()
        self.system.setAccessibleName(_("System prompt"))
        self.system.setTabChangesFocus(True)
        self.system.setFixedHeight(_PROMPT_LINES * self.fontMetrics().lineSpacing() + _AROUND)
        self.temperature = DecimalField()
        self.temperature.setAccessibleName(_("Temperature"))
        self.temperature.setRange(0.0, _HOTTEST)
        self.temperature.setSingleStep(0.1)
        self.temperature.setDecimals(1)
        self.length = NumberField()
        self.length.setAccessibleName(_("Longest answer"))
        self.length.setRange(0, MOST_TOKENS)
        self.length.setSingleStep(64)
        self.length.setSpecialValueText(_("as long as it fits"))
        self.length.setSuffix(f" {_('tokens')}")
        self._lay_out()
        self.system.textChanged.connect(self.changed)
        self.temperature.valueChanged.connect(lambda _value: self.changed.emit())
        self.length.valueChanged.connect(lambda _value: self.changed.emit())

    def _lay_out(self) -> None:
        numbers = Flow(
            stacked(label(_("Temperature"), "small", wrap=False), self.temperature),
            stacked(label(_("Longest answer"), "small", wrap=False), self.length),
            spacing=Space.LARGE,
        )
        vbox(
            label(_("System prompt"), "small"),
            self.system,
            numbers,
            label(
                _("A temperature of 0 always takes the likeliest words. Higher ones vary more."),
                "small",
            ),
            on=self,
            margins=Space.CARD,
            spacing=Space.SMALL,
        )

    def show_options(self, options: Options) -> None:
        """Show these values."""
        blocked = [field.blockSignals(True) for field in (self.temperature, self.length)]
        self.temperature.setValue(options.temperature)
        self.length.setValue(options.length)
        for field, was in zip((self.temperature, self.length), blocked, strict=True):
            field.blockSignals(was)
        if self.system.toPlainText() != options.system:
            self.system.setPlainText(options.system)

    def options(self) -> Options:
        """Return what is chosen."""
        return Options(
            self.system.toPlainText(), round(self.temperature.value(), 2), self.length.value()
        )
