"""What the window knows about a page; everything else is the page's own business."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from core.wizard import Step, next_step
from gui.session import Session


class Page(QWidget):
    """One step of the wizard.

    Attributes:
        step: which step the page is; the library has none.
        changed: anything that the footer shows may have changed.
        finished: the primary action is done, the window goes to the next step.
        failed: something the person should read; carries a ``UserFacingError``.
    """

    step: ClassVar[Step]
    changed = Signal()
    finished = Signal()
    failed = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session

    def title(self) -> str:
        """Return the headline."""
        raise NotImplementedError

    def subtitle(self) -> str:
        """Return one plain sentence about what is to be done here."""
        return ""

    def primary_text(self) -> str:
        """Return the label of the one button, a verb and what it acts on."""
        raise NotImplementedError

    def is_ready(self) -> bool:
        """Return whether the primary button can be pressed."""
        return True

    def hint(self) -> str:
        """Return why the primary button cannot be pressed yet, or what it will do."""
        return ""

    def is_step(self) -> bool:
        """Return whether the page is one of the seven steps."""
        return hasattr(self, "step")

    def is_busy(self) -> bool:
        """Return whether a job of this page is running."""
        return False

    def enter(self) -> None:
        """Show what the session holds now; called each time the page becomes visible."""

    def focus_first(self) -> bool:
        """Move the keyboard to the first thing on the page that takes it, if there is one."""
        widget = self.nextInFocusChain()
        while widget is not self and self.isAncestorOf(widget):
            takes_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
            if takes_tab and widget.isVisibleTo(self) and widget.isEnabled():
                widget.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
            widget = widget.nextInFocusChain()
        return False

    def leave(self) -> None:
        """Save what is worth restoring; called when another page takes over."""

    def apply(self) -> None:
        """Do what the primary button says; ends with ``finished`` or with ``failed``."""
        self.finished.emit()

    def next(self) -> Step | None:
        """Return the step to go to when the primary action is done."""
        return next_step(self.step)

    def shut_down(self) -> None:
        """Let go of threads and timers; called once before the window goes away."""

    def memory(self) -> dict[str, object]:
        """Return what this page remembered in the project (selection, scroll position)."""
        return dict(self.session.state.page.get(self.step.value, {}))

    def remember(self, **values: object) -> None:
        """Keep some values in the project, for the next time the page is opened."""
        if self.session.project is not None:
            self.session.remember(self.step, {**self.memory(), **values})
