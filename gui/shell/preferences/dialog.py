"""The preferences, in sections; each change is kept and takes effect at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QPushButton,
    QWidget,
)

from core.errors import UserFacingError
from core.installation.plan import can_install, engine_state
from core.language import N_, _
from core.models.hub.connection import OFFICIAL
from core.models.hub.tokens import forget_token
from core.settings import Settings
from gui.installation.dialog import EngineDialog
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import hbox, vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.fields.number_field import DecimalField
from gui.kit.icons import icon
from gui.kit.message_bar import MessageBar
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.kit.window_place import fit_dialog
from gui.shell.preferences.hub_way import hub_way
from gui.shell.preferences.line import PreferenceLine, section
from gui.shell.preferences.optional_number import OptionalNumber
from gui.shell.preferences.options import CLOSING, LOOKS, SCALES, languages, said
from gui.wizard.session import Session

_SIZE = (756, 700)
_HOLD = N_("Training takes short breaks to keep the card there. It takes longer.")


class PreferencesDialog(QDialog):
    """The window behind it follows every change.

    Attributes:
        engine_changed: another PyTorch is in use.
    """

    engine_changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session = session
        self._tasks = Tasks(self)
        self._before: list[Settings] = []  # what was set when the dialog opened, and since
        QShortcut(QKeySequence.StandardKey.Undo, self, self.undo)
        self._whole = QWidget()
        self._layout = vbox(self._whole, on=self, margins=0)
        self._build()
        fit_dialog(self, *_SIZE)
        session.look_changed.connect(self._look_changed)

    def _build(self) -> None:
        self.setWindowTitle(_("Preferences"))
        self._make_fields()
        self._message = MessageBar()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._buttons.rejected.connect(self.reject)
        self._undo = QPushButton(f" {_('Undo')}")
        self._undo.setIcon(icon("undo"))
        self._undo.setProperty("kind", "quiet")
        self._undo.setAutoDefault(False)
        self._undo.clicked.connect(self.undo)
        page = QWidget()
        parts = (self._looks(), self._training(), self._electricity(), self._downloads())
        self._area = scrolled(page, vbox(*parts, 1, spacing=Space.LARGE))
        whole = QWidget()
        vbox(
            self._message, (page, 1), hbox(self._undo, 1, self._buttons),
            on=whole, margins=Space.LARGE, spacing=Space.MEDIUM,
        )  # fmt: skip
        self._undo.setVisible(bool(self._before))
        self._layout.replaceWidget(self._whole, whole)
        self._whole.deleteLater()
        self._whole = whole

    def _look_changed(self) -> None:
        """Speak the new language; the field that was used keeps the keyboard."""
        QTimer.singleShot(0, self, self._build_again)

    def _build_again(self) -> None:
        names = [name for name, field in vars(self).items() if field is self.focusWidget()]
        scrolled_to = self._area.verticalScrollBar().value()
        self._whole.hide()
        self._build()
        self._whole.show()
        self._area.verticalScrollBar().setValue(scrolled_to)
        if names:
            getattr(self, names[0]).setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_fields(self) -> None:
        settings = self._session.settings
        self.appearance = self._choices("appearance", said(LOOKS))
        self.scale = self._choices("text_scale", said(SCALES))
        self.language = self._choices("language", languages(settings.language))
        self.closing = self._choices("when_closing", said(CLOSING))
        self.tariff = DecimalField()
        self.tariff.setRange(0, 100)
        self.tariff.setDecimals(3)
        self.tariff.setSingleStep(0.01)
        self.tariff.setKeyboardTracking(False)
        self.tariff.setValue(settings.tariff)
        self.tariff.valueChanged.connect(lambda price: self._keep(tariff=price))
        self.currency = QLineEdit(settings.currency)
        self.currency.setMaxLength(5)
        self.currency.editingFinished.connect(
            lambda: self._keep(currency=self.currency.text().strip())
        )
        self.rest = self._limit("extra_watts", (1, 2000), "W", _("not counted"), none=0.0)
        self.pause_above = self._limit("heat_limit", (50, 100), "°C", _("the card's own limit"))
        self.hold_heat = self._limit("hold_temperature", (40, 95), "°C", _("off"))
        self.hold_power = self._limit("hold_watts", (30, 5000), "W", _("off"))
        self.awake = QCheckBox(_("during training"))
        self.awake.setAccessibleName(_("Keep the computer awake during training"))
        self.awake.setChecked(settings.keep_awake)
        self.awake.toggled.connect(lambda on: self._keep(keep_awake=on))
        self.hub = QLineEdit(settings.hub_endpoint)
        self.hub.setPlaceholderText(OFFICIAL)
        self.proxy = QLineEdit(settings.hub_proxy)
        self.proxy.setPlaceholderText(_("the system's"))
        for address in (self.hub, self.proxy):
            address.editingFinished.connect(self._keep_way)
        self.forget = QPushButton(_("Forget the access token"))
        self.forget.clicked.connect(self._forget)
        self.engine = QPushButton(_("Install PyTorch …"))
        self.engine.clicked.connect(self._open_engine)
        for button in (self.forget, self.engine):
            button.setAutoDefault(False)

    def _choices(self, name: str, options: Sequence[tuple[str, object]]) -> QComboBox:
        box = Dropdown()
        for text, value in options:
            box.addItem(text, value)
        box.setCurrentIndex(max(0, box.findData(getattr(self._session.settings, name))))
        box.currentIndexChanged.connect(lambda _row: self._keep(**{name: box.currentData()}))
        return box

    def _limit(
        self, name: str, bounds: tuple[int, int], unit: str, said: str, none: float | None = None
    ) -> OptionalNumber:
        value = getattr(self._session.settings, name)
        field = OptionalNumber(bounds, unit, said, value or None)
        field.setKeyboardTracking(False)
        field.valueChanged.connect(
            lambda _value: self._keep(**{name: none if field.number() is None else field.number()})
        )
        return field

    def _looks(self) -> QWidget:
        return section(
            _("Look"),
            PreferenceLine(
                _("&Colours"),
                _("“Same as system” also follows its high contrast."),
                self.appearance,
            ),
            PreferenceLine(
                _("Size of &text"), _("Everything in the window grows with it."), self.scale
            ),
            PreferenceLine(_("&Language"), _("It changes at once."), self.language),
        )

    def _training(self) -> QWidget:
        return section(
            _("Training"),
            PreferenceLine(
                _("When you close the window &during training"),
                _("A run can continue without the window."),
                self.closing,
            ),
            PreferenceLine(
                _("&Keep the computer awake"),
                _("A computer that sleeps does not train."),
                self.awake,
            ),
            PreferenceLine(
                _("Pause &while the card is above"),
                _("The run resumes when the card has cooled."),
                self.pause_above,
            ),
            PreferenceLine(_("&Hold the card's temperature at"), _(_HOLD), self.hold_heat),
            PreferenceLine(_("Hold the card's p&ower at"), _(_HOLD), self.hold_power),
        )

    def _electricity(self) -> QWidget:
        return section(
            _("Electricity"),
            PreferenceLine(
                _("&Price per kilowatt-hour"), _("Used to tell what a run costs."), self.tariff
            ),
            PreferenceLine(
                _("C&urrency"), _("A sign or a code that stands before costs."), self.currency
            ),
            PreferenceLine(
                _("Power draw of the &rest of the computer"),
                _("Added to what the card draws, for energy and cost."),
                self.rest,
            ),
        )

    def _downloads(self) -> QWidget:
        lines = [
            PreferenceLine(
                _("Address of the &model hub, or of a mirror"),
                _("Leave it empty for the public hub."),
                self.hub,
            ),
            PreferenceLine(
                _("Pro&xy for downloads"),
                _("Leave it empty to use the system's."),
                self.proxy,
            ),
            PreferenceLine(
                _("Access to &gated models"),
                _("You are asked for a token when a model needs one. It stays on this computer."),
                self.forget,
            ),
        ]
        if can_install() and not engine_state().carried:
            text = _("The library that trains. It has to fit your card.")
            lines.append(PreferenceLine("PyTorch", text, self.engine))  # not shown: a product
        return section(_("Downloads"), *lines)

    def _keep(self, **values: Any) -> None:
        before = self._session.settings
        try:
            self._session.change_settings(**values)
        except UserFacingError as error:
            self._message.say_error(error)
            return
        self._message.hide_problem()
        if self._session.settings != before:
            self._before.append(before)
            self._undo.show()

    def undo(self) -> None:
        """Take the last change back, if there was one since the dialog was opened."""
        if not self._before:
            return
        try:
            self._session.change_settings(**self._before[-1].model_dump())
        except UserFacingError as error:
            self._message.say_error(error)
            return
        self._before.pop()
        self._look_changed()

    def _keep_way(self) -> None:
        try:
            way = hub_way(self.hub.text(), self.proxy.text())
        except UserFacingError as error:
            self._message.say_error(error)
            return
        self._keep(hub_endpoint="" if way.url == OFFICIAL else way.url, hub_proxy=way.proxy)

    def _forget(self) -> None:
        """Remove what was kept for the hub that is named now; a keyring may take its time."""
        try:
            way = hub_way(self.hub.text(), self.proxy.text())
        except UserFacingError as error:
            self._message.say_error(error)
            return
        self._tasks.start(
            "forget",
            lambda: forget_token(way),
            lambda _nothing: self._message.say(
                "good", _("This application no longer stores a token for {host}.", host=way.host)
            ),
            self._message.say_error,
        )

    def _open_engine(self) -> None:
        dialog = EngineDialog(self)
        dialog.changed.connect(self.engine_changed)
        dialog.open()

    def done(self, result: int) -> None:
        """Keep what is being typed, and wait for the keyring."""
        now = self.focusWidget()
        if now is not None:
            now.clearFocus()
        self._tasks.shut_down()
        super().done(result)
