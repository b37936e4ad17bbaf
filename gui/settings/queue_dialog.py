"""Asks which runs to add to the queue, and shows what they will take before they are added."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from core.actions.training import Variant
from core.errors import UserFacingError
from core.hardware.system.energy import added, covers, money_range
from core.language import N_, _, ngettext
from core.planning.estimate import duration_text
from core.settings import Settings
from gui.kit.boxes import vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.labels import label
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.settings.sweep import Varied, choices, suggestion, variants
from gui.wizard.training_plan import TrainingPlan, summary

_WIDTH = 520
_LINES_IN_SIGHT = 8
_CHOICES = {
    Varied.NOTHING: N_("One run with exactly these settings"),
    Varied.SEED: N_("Several runs with different seeds (to see how much is luck)"),
    Varied.RANK: N_("Several runs with different ranks"),
    Varied.LEARNING_RATE: N_("Several runs with different learning rates"),
    Varied.PRESET: N_("Several runs with different presets"),
}


class QueueDialog(QDialog):
    """Stays open until the values can be used.

    Attributes:
        wanted: the runs to add, a list of :class:`gui.settings.sweep.Variant`.
    """

    wanted = Signal(object)

    def __init__(
        self, plan: TrainingPlan, settings: Settings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Add to the queue"))
        self.setMinimumWidth(_WIDTH)
        self._plan = plan
        self._settings = settings
        self.variants: list[Variant] = []
        self.vary = Dropdown()
        self.vary.setAccessibleName(_("Which runs"))
        for vary in choices(plan):
            self.vary.addItem(_(_CHOICES[vary]), vary)
        self.values = QLineEdit()
        self.values.setAccessibleName(_("Values, separated by commas"))
        self._preview = label("")
        self._total = label("", "heading")
        self._scope = label(_("Cost: {scope}.", scope=covers(settings.extra_watts)), "small")
        self._lay_out()
        self.vary.currentIndexChanged.connect(self._suggest)
        self.values.textChanged.connect(self._show)
        self._suggest()

    def _lay_out(self) -> None:
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add = self.buttons.addButton(_("Add"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.add.setProperty("kind", "primary")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._values_name = label(_("Values, separated by commas"), "small")
        layout = vbox(
            label(_("Which runs do you want to queue?"), "heading"),
            on=self,
            margins=Space.LARGE,
            spacing=Space.MEDIUM,
        )
        asked = (self.vary, self._values_name, self.values)
        listed, lines = QWidget(), QVBoxLayout()  # twenty runs are taller than a screen
        lines.addWidget(self._preview)
        lines.addStretch(1)
        self._area = scrolled(listed, lines)
        for widget in (*asked, listed, self._total, self._scope):
            layout.addWidget(widget, int(widget is listed))
        layout.addWidget(self.buttons)

    def _suggest(self) -> None:
        vary = Varied(self.vary.currentData())
        several = vary is not Varied.NOTHING
        self.values.setVisible(several)
        self._values_name.setVisible(several)
        self.values.setText(suggestion(self._plan, vary))
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Only now the list has its font: signs of some scripts are taller."""
        super().showEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        high = self._preview.heightForWidth(_WIDTH - 3 * Space.LARGE) + 2 * Space.MEDIUM
        most = _LINES_IN_SIGHT * self._preview.fontMetrics().lineSpacing()
        self._area.setMinimumHeight(min(high, most))
        layout = self.layout()
        if layout is not None and self.isVisible():
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _show(self) -> None:
        try:
            vary = Varied(self.vary.currentData())
            tariff = self._settings.tariff
            self.variants = variants(self._plan, vary, self.values.text(), tariff)
        except UserFacingError as error:
            self.variants = []
            self._preview.setText(f"{error.what} {error.todo}")
            self._total.setText("")
        else:
            currency = self._settings.currency
            lines = [f"{v.title}: {summary(v.estimate, currency)}" for v in self.variants]
            self._preview.setText("\n".join(lines))
            self._total.setText(total_text(self.variants, currency))
        self._scope.setVisible(any(variant.estimate.cost for variant in self.variants))
        self._make_room()
        count = len(self.variants)
        self.add.setText(
            ngettext("Add {count:,} run", "Add {count:,} runs", count) if count else _("Add")
        )
        self.add.setEnabled(count > 0)

    def accept(self) -> None:
        """Hand over the runs and close."""
        self.wanted.emit(self.variants)
        super().accept()


def total_text(found: list[Variant], currency: str) -> str:
    """Return what all of them take together, ``""`` for a single one."""
    if len(found) < 2:
        return ""
    time = duration_text(added(v.estimate.seconds for v in found))
    costs = [variant.estimate.cost for variant in found if variant.estimate.cost]
    if len(costs) < len(found):
        return _("Total: {time}", time=time)
    return _("Total: {time}, {cost}", time=time, cost=money_range(added(costs), currency))
