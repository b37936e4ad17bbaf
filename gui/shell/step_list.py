"""The steps at the side: where you are, what is done, what is still locked and why."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from core.language import N_, _, number
from core.wizard import Step, StepStatus, WizardState, status
from gui.kit.boxes import vbox
from gui.kit.icons import icon
from gui.kit.labels import set_look, set_tip
from gui.kit.look.fonts import grown
from gui.kit.theme import Space, colors
from gui.wizard.step_names import NAMES

_BESIDE = 50  # pixels: the icon of a button, and what is left and right of it
_SIGN = 16  # the icon
_LINE_X = 18  # where the middle of the icons is
_ICONS = {
    StepStatus.DONE: "good",
    StepStatus.CURRENT: "current",
    StepStatus.OPEN: "open",
    StepStatus.LOCKED: "locked",
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
_LOCKED = N_("Finish “{step}” first.")
_NO_PROJECT = N_("Open a project or make a new one first.")
# Translators: Training · 41 % · 14:20
_LIVE = N_("{step} · {state}")


class StepButton(QPushButton):
    """One step on one line: its status as icon, and what happens there now."""

    def __init__(self, step: Step, number: int) -> None:
        super().__init__()
        self.setObjectName("stepButton")
        self.step = step
        self._number = number
        self._live = ""
        self._narrow = False
        self._status = StepStatus.LOCKED
        self._missing: str = _(_NO_PROJECT)
        self.setIconSize(QSize(grown(_SIGN), grown(_SIGN)))

    def show_status(self, now: StepStatus, missing: str = "") -> None:
        """Draw the step as done, current, open or locked; its icon and its tip say so too.

        Args:
            missing: what has to be done before it, where it is locked.
        """
        self._status, self._missing = now, missing
        c = colors()
        tint = c.accent if now in {StepStatus.DONE, StepStatus.CURRENT} else c.muted
        self.setIcon(icon(_ICONS[now], tint))
        locked = now is StepStatus.LOCKED
        self.setEnabled(not locked)
        set_look(self, status=now.value)
        self._say()

    def set_narrow(self, narrow: bool) -> None:
        """Show the number in place of the name, or the name again."""
        self._narrow = narrow
        self._say()

    def show_live(self, text: str) -> None:
        """Show what happens there now, behind the name."""
        if text != self._live:
            self._live = text
            self._say()

    def _say(self) -> None:
        name, said = _(NAMES[self.step]), _(_SAID[self._status])
        self.setText(f" {number(self._number) if self._narrow else self._fitting(name)}")
        spoken = _("Step {number}: {name}, {status}", number=self._number, name=name, status=said)
        self.setAccessibleName(spoken)
        locked = self._status is StepStatus.LOCKED
        tip = self._missing if locked else _(_TIPS[self._status])
        set_tip(self, f"{spoken}\n{tip}" if self._narrow else tip)
        self.setAccessibleDescription(self._live)

    def _fitting(self, name: str) -> str:
        """Return the name with as much of what happens there as has room beside it."""
        font = self.font()
        font.setWeight(QFont.Weight.DemiBold)
        metrics, room = QFontMetrics(font), self.width() - _BESIDE - grown(_SIGN) + _SIGN
        for state in (self._live, self._live.partition(" · ")[0]):
            text = _(_LIVE, step=name, state=state) if state else name
            if metrics.horizontalAdvance(text) <= room:
                return text
        return name

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as there is room for now."""
        super().resizeEvent(event)
        if self._live:
            self._say()


def _missing(state: WizardState, now: dict[Step, StepStatus]) -> str:
    """Return what has to be done before a locked step opens."""
    if not state.project_chosen:
        return _(_NO_PROJECT)
    locked = (step for step in Step if now[step] is StepStatus.LOCKED)
    first = next(locked, Step.SAVING)
    return _(_LOCKED, step=_(NAMES[list(Step)[list(Step).index(first) - 1]]))


class StepList(QWidget):
    """The seven steps, on one vertical line.

    Attributes:
        chosen: you want to go to this step.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Steps"))
        self._narrow = False
        self._buttons = [StepButton(step, number) for number, step in enumerate(Step, 1)]
        layout = vbox(on=self, margins=0, spacing=Space.TINY)
        for button in self._buttons:
            button.clicked.connect(lambda _=False, step=button.step: self.chosen.emit(step))
            layout.addWidget(button)
        layout.addStretch(1)

    def button(self, step: Step) -> StepButton:
        """Return the button of ``step``."""
        return self._buttons[list(Step).index(step)]

    def set_narrow(self, narrow: bool) -> None:
        """Show numbers in place of the names, or the names again."""
        self._narrow = narrow
        for button in self._buttons:
            button.set_narrow(narrow)

    def show_state(self, state: WizardState, *, elsewhere: bool = False) -> None:
        """Draw all steps; ``elsewhere`` when the window shows no step at all (the library)."""
        now = {step: status(state, step, elsewhere=elsewhere) for step in Step}
        missing = _missing(state, now)
        for button in self._buttons:
            button.show_status(now[button.step], missing)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Join the signs of the steps: strongly as far as the steps are done."""
        super().paintEvent(event)
        painter = QPainter(self)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        middle = _LINE_X + (grown(_SIGN) - _SIGN) // 2
        across = self.width() - middle if mirrored else middle
        for above, below in pairwise(self._buttons):
            done = above.property("status") == StepStatus.DONE.value
            painter.setPen(QPen(QColor(colors().accent if done else colors().line), 1.5))
            beside = grown(_SIGN) // 2 + 3
            top = above.geometry().center().y() + beside
            end = below.geometry().center().y() - beside
            painter.drawLine(across, top, across, end)

    def wanted_width(self) -> int:
        """Return the width at which no name is cut."""
        font = self.font()
        font.setWeight(QFont.Weight.DemiBold)  # as the current step is
        shown = map(number, range(1, len(NAMES) + 1)) if self._narrow else map(_, NAMES.values())
        wide = max(map(QFontMetrics(font).horizontalAdvance, shown))
        return wide + _BESIDE + grown(_SIGN) - _SIGN
