"""The steps at the side: where you are, what is done, what is still locked and why."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QPushButton, QWidget

from core.language import N_, _
from core.wizard import Step, StepStatus, WizardState, status
from gui.kit.boxes import vbox
from gui.kit.icons import icon
from gui.kit.labels import set_look, set_tip
from gui.kit.theme import Space, colors

NAMES = {
    Step.START: N_("Start"),
    Step.EXAMPLES: N_("Examples"),
    Step.BASE_MODEL: N_("Base model"),
    Step.SETTINGS: N_("Settings"),
    Step.TRAINING: N_("Training"),
    Step.COMPARISON: N_("Comparison"),
    Step.SAVING: N_("Saving"),
}
_AROUND = 22  # pixels above and below the text of a button
_BESIDE = 60  # its icon, and what is left and right of it
_ICONS = {
    StepStatus.DONE: "check",
    StepStatus.CURRENT: "current",
    StepStatus.OPEN: "open",
    StepStatus.LOCKED: "lock",
}
_SAID = {
    StepStatus.DONE: N_("done"),
    StepStatus.CURRENT: N_("you are here"),
    StepStatus.OPEN: N_("open"),
    StepStatus.LOCKED: N_("locked"),
}


_TIPS = {
    StepStatus.DONE: N_("Done"),
    StepStatus.CURRENT: N_("You are here"),
    StepStatus.OPEN: N_("Open"),
}
_LOCKED = N_("Finish the steps above first.")


class StepButton(QPushButton):
    """One step, with its status as icon and as text."""

    def __init__(self, step: Step, number: int) -> None:
        super().__init__()
        self.setObjectName("stepButton")
        self.step = step
        self._number = number
        self.setIconSize(QSize(20, 20))

    def show_status(self, now: StepStatus, *, in_words: bool) -> None:
        """Draw the step as done, current, open or locked; its icon says so too."""
        c = colors()
        tint = {StepStatus.DONE: c.good, StepStatus.CURRENT: c.accent}.get(now, c.muted)
        self.setIcon(icon(_ICONS[now], tint))
        name, said = _(NAMES[self.step]), _(_SAID[now])
        self.setText(f"{name}\n{said}" if in_words else name)
        self.setEnabled(now is not StepStatus.LOCKED)
        locked = now is StepStatus.LOCKED
        tip = _(_LOCKED) if locked else "" if in_words else _(_TIPS[now])
        set_tip(self, tip)
        self.setAccessibleName(
            _("Step {number}: {name}, {status}", number=self._number, name=name, status=said)
        )
        set_look(self, status=now.value)


class StepList(QWidget):
    """The seven steps.

    Attributes:
        chosen: you want to go to this step.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Steps"))
        self._shown = (WizardState(), False)
        self._in_words = True
        self._buttons = [StepButton(step, number) for number, step in enumerate(Step, 1)]
        layout = vbox(on=self, margins=0, spacing=Space.TINY)
        for button in self._buttons:
            button.clicked.connect(lambda _=False, step=button.step: self.chosen.emit(step))
            layout.addWidget(button)
        layout.addStretch(1)

    def button(self, step: Step) -> StepButton:
        """Return the button of ``step``."""
        return self._buttons[list(Step).index(step)]

    def show_state(self, state: WizardState, *, elsewhere: bool = False) -> None:
        """Draw all steps; ``elsewhere`` when the window shows no step at all (the library)."""
        self._shown = (state, elsewhere)
        for button in self._buttons:
            now = status(state, button.step, elsewhere=elsewhere)
            button.show_status(now, in_words=self._in_words)

    def fit(self, height: int) -> None:
        """Leave out the second line of each step where they need more than ``height``."""
        line = self.fontMetrics().lineSpacing()
        with_words = len(self._buttons) * (2 * line + _AROUND + Space.TINY)
        if (in_words := with_words <= height) is not self._in_words:
            self._in_words = in_words
            state, elsewhere = self._shown
            self.show_state(state, elsewhere=elsewhere)

    def wanted_width(self) -> int:
        """Return the width at which no name is cut."""
        font = self.font()
        font.setBold(True)  # as the current step is
        texts = map(_, (*NAMES.values(), *_SAID.values()))
        return max(map(QFontMetrics(font).horizontalAdvance, texts)) + _BESIDE
