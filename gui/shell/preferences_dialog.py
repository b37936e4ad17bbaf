"""What belongs to the application and not to one fine-tune: looks, electricity, closing."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from core import language
from core.errors import UserFacingError
from core.installation.plan import can_install, engine_state
from core.language import N_, _
from core.models.hub.connection import OFFICIAL, Endpoint, checked_endpoint
from core.models.hub.tokens import forget_token
from gui.installation.dialog import EngineDialog
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.fields.number_field import DecimalField
from gui.kit.labels import letters, set_tip
from gui.kit.message_bar import MessageBar
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.kit.window_place import fit_dialog
from gui.shell.optional_number import OptionalNumber
from gui.wizard.session import Session

_WIDTH = (66, 460)  # letters, and the least pixels
_LOOKS = (
    (N_("Same as system"), "system"),
    (N_("Light"), "light"),
    (N_("Dark"), "dark"),
    (N_("High contrast"), "contrast"),
)
_SCALES = (
    (N_("Normal"), 1.0),
    (N_("Large"), 1.2),
    (N_("Larger"), 1.4),
    (N_("Largest"), 1.7),
)
_CLOSING = ((N_("Ask"), "ask"), (N_("Keep training"), "go_on"), (N_("Pause"), "pause"))
_HOLD = N_("Training takes short breaks to keep the card there. It takes longer.")


class PreferencesDialog(QDialog):
    """Changes are kept with Save; the window follows at once.

    Attributes:
        engine_changed: another PyTorch is in use.
    """

    engine_changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session = session
        self.setWindowTitle(_("Preferences"))
        settings = session.settings
        self.appearance = _choices(_said(_LOOKS), settings.appearance)
        self.scale = _choices(_said(_SCALES), settings.text_scale)
        self.language = _choices(_languages(settings.language), settings.language)
        self.closing = _choices(_said(_CLOSING), settings.when_closing)
        self.tariff = DecimalField()
        self.tariff.setRange(0, 100)
        self.tariff.setDecimals(3)
        self.tariff.setSingleStep(0.01)
        self.tariff.setValue(settings.tariff)
        self.currency = QLineEdit(settings.currency)
        self.currency.setMaxLength(5)
        self.rest = OptionalNumber((1, 2000), "W", _("not counted"), settings.extra_watts or None)
        self.pause_above = OptionalNumber(
            (50, 100), "°C", _("the card's own limit"), settings.heat_limit
        )
        self.hold_heat = OptionalNumber((40, 95), "°C", _("off"), settings.hold_temperature)
        self.hold_power = OptionalNumber((30, 5000), "W", _("off"), settings.hold_watts)
        for field in (self.hold_heat, self.hold_power):
            set_tip(field, _(_HOLD))
        self.awake = QCheckBox(_("during training"))
        self.awake.setAccessibleName(_("Keep the computer awake during training"))
        self.awake.setChecked(settings.keep_awake)
        self.hub = QLineEdit(settings.hub_endpoint)
        self.hub.setPlaceholderText(OFFICIAL)
        self.proxy = QLineEdit(settings.hub_proxy)
        self.proxy.setPlaceholderText(_("as the system has it"))
        self.forget = QPushButton(_("Forget the access token"))
        self.forget.clicked.connect(self._forget)
        self.engine = QPushButton(_("Install PyTorch …"))
        self.engine.clicked.connect(self._open_engine)
        self._tasks = Tasks(self)
        self._message = MessageBar()
        self._lay_out()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setSpacing(Space.MEDIUM)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.addRow(_("&Colours"), self.appearance)
        form.addRow(_("Size of &text"), self.scale)
        form.addRow(_("&Language"), self.language)
        form.addRow(_("&Price per kilowatt-hour"), self.tariff)
        form.addRow(_("C&urrency"), self.currency)
        form.addRow(_("Power draw of the &rest of the computer"), self.rest)
        form.addRow(_("Pause &while the card is above"), self.pause_above)
        form.addRow(_("&Hold the card's temperature at"), self.hold_heat)
        form.addRow(_("Hold the card's p&ower at"), self.hold_power)
        form.addRow(_("When you close the window &during training"), self.closing)
        form.addRow(_("&Keep the computer awake"), self.awake)
        form.addRow(_("Address of the &model hub, or of a mirror"), self.hub)
        form.addRow(_("Pro&xy for downloads"), self.proxy)
        form.addRow(_("Access to &gated models"), self.forget)
        if can_install() and not engine_state().carried:
            form.addRow(_("PyTorch"), self.engine)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = vbox(self._message, on=self, margins=Space.LARGE, spacing=Space.LARGE)
        page = QWidget()
        scrolled(page, form)
        layout.addWidget(page, 1)
        layout.addWidget(buttons)
        wanted = form.totalSizeHint() + QSize(4 * Space.LARGE, 8 * Space.LARGE)
        fit_dialog(self, max(wanted.width(), letters(*_WIDTH)), wanted.height())

    def accept(self) -> None:
        """Save and close; stays open with the reason when that fails."""
        try:
            way = _way(self.hub.text().strip(), self.proxy.text().strip())
            self._session.change_settings(
                hub_endpoint="" if way.url == OFFICIAL else way.url,
                hub_proxy=way.proxy,
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

    def _forget(self) -> None:
        """Remove what was kept for the hub that is named now; a keyring may take its time."""
        try:
            way = _way(self.hub.text().strip(), self.proxy.text().strip())
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
        """Wait for the keyring."""
        self._tasks.shut_down()
        super().done(result)


def _way(url: str, proxy: str) -> Endpoint:
    """Return the way to the hub; the preferences are a file that others may read.

    Raises:
        UserFacingError: an address cannot be one, or holds a password.
    """
    way = checked_endpoint(url or OFFICIAL, proxy)
    if any("@" in urlsplit(address).netloc for address in (way.url, way.proxy)):
        raise UserFacingError(
            "hub.password",
            _("Passwords are not stored in the preferences."),
            _("Set the variable HTTPS_PROXY before you start the application."),
        )
    return way


def _languages(chosen: str) -> tuple[tuple[str, str], ...]:
    """Return the languages by their own names, with the chosen one even if it is not listed."""
    names = dict.fromkeys([*language.available(), *([chosen] if chosen else [])])
    return ((_("Same as system"), ""), *((language.own_name(name), name) for name in names))


def _said(options: Sequence[tuple[str, object]]) -> list[tuple[str, object]]:
    return [(_(text), value) for text, value in options]


def _choices(options: Sequence[tuple[str, object]], now: object) -> QComboBox:
    box = Dropdown()
    for text, value in options:
        box.addItem(text, value)
    box.setCurrentIndex(max(0, box.findData(now)))
    return box
