"""Who answers: the base model, a fine-tune, or both beside each other."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.language import _
from gui.chat.partners import Partners
from gui.chat.view_model import Partner
from gui.kit.choice_button import ChoiceButton
from gui.kit.fields.dropdown import Dropdown
from gui.kit.flow import Flow
from gui.kit.labels import set_tip


class PartnerChoice(QWidget):
    """Three buttons that are one choice, and which fine-tune.

    Attributes:
        chosen: who answers from now on (``Partner``), and the fine-tune's run.
    """

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._partners = Partners()
        self.buttons: dict[Partner, ChoiceButton] = {
            "base": ChoiceButton(_("Base model")),
            "tune": ChoiceButton(_("Fine-tune")),
            "both": ChoiceButton(_("Both")),
            "blind": ChoiceButton(_("Blind")),
        }
        for name, button in self.buttons.items():  # Tab stops at each: no group of Qt
            button.clicked.connect(lambda _on=False, name=name: self._press(name))
        self.tune = Dropdown()
        self.tune.setAccessibleName(_("Which fine-tune"))
        self.tune.setSizeAdjustPolicy(Dropdown.SizeAdjustPolicy.AdjustToContents)
        self.tune.activated.connect(lambda _at: self._choose())
        self.setLayout(Flow(*self.buttons.values(), self.tune))
        self.show_partners(Partners(), "base", "")

    def show_partners(
        self, partners: Partners, partner: Partner, tune: str, *, writes: bool = True
    ) -> None:
        """Offer these, with one chosen; only a project that can be changed is asked blindly."""
        self._partners = partners
        self.tune.clear()
        for run, base in partners.tunes:
            name = partners.names.get(run, run)
            self.tune.addItem(f"{name} ({base.name})" if partners.several_bases else name, run)
        self.tune.setCurrentIndex(max(0, self.tune.findData(tune)))
        none = not partners.tunes
        for name, button in self.buttons.items():
            button.setEnabled(name == "base" or not none)
            set_tip(button, _("There is no fine-tune yet.") if none and name != "base" else "")
        self.buttons["blind"].setEnabled(writes and not none)
        self._check("base" if none else partner)

    def _press(self, partner: Partner) -> None:
        self._check(partner)
        self._choose()

    def _check(self, partner: Partner) -> None:
        for name, button in self.buttons.items():
            button.setChecked(name == partner)
        self._show_tune()

    def _choose(self) -> None:
        partner = next(name for name, button in self.buttons.items() if button.isChecked())
        self.chosen.emit(partner, self.tune.currentData() or "")

    def _show_tune(self) -> None:
        is_base = self.buttons["base"].isChecked()
        self.tune.setVisible(bool(self._partners.tunes) and not is_base)
