"""What belongs to the application and not to one fine-tune: looks, electricity, closing."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from core import language
from core.errors import UserFacingError
from core.language import _
from gui.session import Session
from gui.theme import Space
from gui.widgets.dropdown import Dropdown
from gui.widgets.labels import letters, set_tip
from gui.widgets.message_bar import MessageBar
from gui.widgets.optional_number import OptionalNumber
from gui.widgets.scroll import scrolled
from gui.window_place import fit_dialog

_WIDTH = (66, 460)  # letters, and the least pixels
_LOOKS = (("As the system", "system"), ("Light", "light"), ("Dark", "dark"))
_SCALES = (("Normal", 1.0), ("Large", 1.2), ("Larger", 1.4), ("Largest", 1.7))
_CLOSING = (("Ask", "ask"), ("Keep training", "go_on"), ("Pause", "pause"))

_HOLD = "The training takes short rests, so that the card stays there. It takes longer."


class PreferencesDialog(QDialog):
    """Changes are kept with Save; the window follows at once."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session = session
        self.setWindowTitle("Preferences")
        settings = session.settings
        self.appearance = _choices(_LOOKS, settings.appearance)
        self.scale = _choices(_SCALES, settings.text_scale)
        self.language = _choices(_languages(settings.language), settings.language)
        self.closing = _choices(_CLOSING, settings.when_closing)
        self.tariff = QDoubleSpinBox()
        self.tariff.setRange(0, 100)
        self.tariff.setDecimals(3)
        self.tariff.setSingleStep(0.01)
        self.tariff.setValue(settings.tariff)
        self.currency = QLineEdit(settings.currency)
        self.currency.setMaxLength(5)
        self.rest = OptionalNumber((1, 2000), "W", "not counted", settings.extra_watts or None)
        self.pause_above = OptionalNumber(
            (50, 100), "°C", "the card's own limit", settings.heat_limit
        )
        self.hold_heat = OptionalNumber((40, 95), "°C", "off", settings.hold_temperature)
        self.hold_power = OptionalNumber((30, 5000), "W", "off", settings.hold_watts)
        for field in (self.hold_heat, self.hold_power):
            set_tip(field, _HOLD)
        self.awake = QCheckBox("during training")
        self.awake.setAccessibleName("Keep the computer awake during training")
        self.awake.setChecked(settings.keep_awake)
        self._message = MessageBar()
        self._lay_out()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setSpacing(Space.MEDIUM)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.addRow("&Colours", self.appearance)
        form.addRow("Size of &text", self.scale)
        form.addRow(_("&Language"), self.language)
        form.addRow("&Price of one kilowatt-hour", self.tariff)
        form.addRow("C&urrency", self.currency)
        form.addRow("The &rest of the computer draws", self.rest)
        form.addRow("Training &waits while the card is above", self.pause_above)
        form.addRow("&Hold the card's temperature at", self.hold_heat)
        form.addRow("Hold the card's p&ower at", self.hold_power)
        form.addRow("When the window is closed &during training", self.closing)
        form.addRow("&Keep the computer awake", self.awake)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.LARGE, Space.LARGE, Space.LARGE, Space.LARGE)
        layout.setSpacing(Space.LARGE)
        layout.addWidget(self._message)
        page = QWidget()
        area = scrolled(page, form)
        layout.addWidget(page, 1)
        layout.addWidget(buttons)
        wanted = area.widget().sizeHint() + QSize(4 * Space.LARGE, 8 * Space.LARGE)
        fit_dialog(self, max(wanted.width(), letters(*_WIDTH)), wanted.height())

    def accept(self) -> None:
        """Save and close; stays open with the reason when that fails."""
        try:
            self._session.change_settings(
                appearance=self.appearance.currentData(),
                text_scale=self.scale.currentData(),
                language=self.language.currentData(),
                keep_awake=self.awake.isChecked(),
                when_closing=self.closing.currentData(),
                tariff=self.tariff.value(),
                extra_watts=self.rest.number() or 0.0,
                heat_limit=self.pause_above.number(),
                hold_temperature=self.hold_heat.number(),
                hold_watts=self.hold_power.number(),
                currency=self.currency.text().strip(),
            )
        except UserFacingError as error:
            self._message.say_error(error)
            return
        super().accept()


def _languages(chosen: str) -> tuple[tuple[str, str], ...]:
    """Return the languages by their own names, with the chosen one even if it is not listed."""
    names = dict.fromkeys([*language.available(), *([chosen] if chosen else [])])
    return ((_("As the system"), ""), *((language.own_name(name), name) for name in names))


def _choices(options: tuple[tuple[str, object], ...], now: object) -> QComboBox:
    box = Dropdown()
    for text, value in options:
        box.addItem(text, value)
    box.setCurrentIndex(max(0, box.findData(now)))
    return box
