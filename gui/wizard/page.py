"""What the window knows about a page; everything else is the page's own business."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from core.library.about import called
from core.wizard import Step, next_step
from gui.input.keyboard import in_order, takes_tab
from gui.kit.look.sizes import READING, Space
from gui.wizard.session import Session
from gui.wizard.unfinished import Unfinished


@dataclass(frozen=True, slots=True)
class NewProject:
    """What the first page is sent: a new project is wanted, with these files as its examples."""

    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Against:
    """What the comparison is sent: rate against this fine-tune."""

    run: str


class Place(StrEnum):
    """The pages that are no steps."""

    LIBRARY = "library"
    CHAT = "chat"
    DAILY_USE = "use"


class Page(QWidget):
    """One step of the wizard.

    Attributes:
        step: which step the page is; the pages of ``Place`` have none.
        changed: anything that the footer shows may have changed.
        finished: the primary action is done, the window goes to the next step.
        failed: something the user should read; carries a ``UserFacingError``.
        corrected: what failed was changed or is being tried again: the error is past.
        told: something good to know that may pass; carries one sentence.
        noted: the same, and it stays until it is dismissed.
        offered: the same with a button; carries the sentence, the button's text and what it does.
        submitted: Return in a text field means the primary button.
        asked: a ``Question`` that has to be answered first.
        awaited: the keyboard waits for the primary button.
        limit: the page's greatest width, where it does not bring a column of its own.
        column: the greatest width of the column that it brings.
        sent: another page takes over; carries its ``Step`` or ``Place`` and what it receives.
    """

    step: ClassVar[Step]
    limit: ClassVar[int] = 0
    column: ClassVar[int] = READING
    changed = Signal()
    finished = Signal()
    failed = Signal(object)
    corrected = Signal()
    told = Signal(str)
    noted = Signal(str)
    offered = Signal(str, str, object)
    submitted = Signal()
    asked = Signal(object)
    awaited = Signal()
    sent = Signal(object, object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # no Tab ends here

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay in the middle of a wide window."""
        super().resizeEvent(event)
        if self.limit:
            side = max(Space.HUGE, (self.width() - self.limit) // 2)
            self.setContentsMargins(side, 0, side, 0)

    def minimumSizeHint(self) -> QSize:
        """Return the least size; the free sides do not keep the window from getting narrower."""
        hint, margins = super().minimumSizeHint(), self.contentsMargins()
        free = margins.left() + margins.right() - 2 * Space.HUGE if self.limit else 0
        return QSize(hint.width() - max(0, free), hint.height())

    def title(self) -> str:
        """Return the headline."""
        raise NotImplementedError

    def subtitle(self) -> str:
        """Return one plain sentence about what is to be done here."""
        return ""

    def primary_text(self) -> str:
        """Return the label of the one button, a verb and what it acts on."""
        raise NotImplementedError

    def secondary_text(self) -> str:
        """Return the label of a lesser button beside it, ``""`` for none."""
        return ""

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

    def receive(self, matter: object) -> None:
        """Take what another page hands over; called after ``enter``."""

    def focus_first(self) -> bool:
        """Move the keyboard to the first thing on the page that takes it, if there is one."""
        first = next((widget for widget in in_order(self) if takes_tab(widget, self)), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)
        return first is not None

    def begins_with_verb(self) -> bool:
        """Return whether the keyboard begins on the primary button when that can be pressed."""
        return True

    def undo(self) -> None:
        """Take the last change on the page back, if there was one."""

    def leave(self) -> None:
        """Save what is worth restoring; called when another page takes over."""

    def apply(self) -> None:
        """Do what the primary button says; ends with ``finished`` or with ``failed``."""
        self.finished.emit()

    def apply_secondary(self) -> None:
        """Do what the lesser button says."""

    def works_read_only(self) -> bool:
        """Return whether the page itself keeps from writing when the project is only read.

        Otherwise all that is on it is switched off.
        """
        return False

    def switch_writing(self, *, on: bool) -> None:
        """Switch everything on the page off or on; it can still be scrolled."""
        if not self.works_read_only():
            _switch(self, self.title(), on=on)

    def next(self) -> Step | None:
        """Return the step to go to when the primary action is done."""
        return next_step(self.step)

    def shut_down(self) -> None:
        """Let go of threads and timers; called once before the window goes away."""

    def hand_over(self) -> object | None:
        """Return what is under way and let go of it, for the same page built again."""
        return None

    def take_over(self, matter: object) -> None:
        """Continue with what the page before handed over; called before ``enter``."""

    def goes_on(self) -> bool:
        """Return whether what was left unfinished has already resumed."""
        return False

    def says_unfinished(self, found: Unfinished) -> bool:  # noqa: ARG002 - none does by default
        """Return whether the page itself offers to resume what was left unfinished."""
        return False

    def called(self, run: str) -> str:
        """Return what you call a fine-tune of this project, or the name of its run."""
        project = self.session.project
        return called(project.run(run)) if project is not None and project.has_run(run) else run

    def memory(self) -> dict[str, object]:
        """Return what this page remembered in the project (selection, scroll position)."""
        return dict(self.session.state.page.get(self.step.value, {}))

    def remember(self, **values: object) -> None:
        """Keep some values in the project, for the next time the page is opened."""
        if self.session.project is not None:
            self.session.remember(self.step, {**self.memory(), **values})


def _switch(widget: QWidget, name: str, *, on: bool) -> None:
    """Switch a part of a page; what scrolls can still be scrolled, also with the keyboard."""
    for child in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if isinstance(child, QScrollArea):
            if (content := child.widget()) is not None:
                content.setEnabled(on)
            keyboard = Qt.FocusPolicy.NoFocus if on else Qt.FocusPolicy.StrongFocus
            child.setFocusPolicy(keyboard)
            child.setAccessibleName("" if on else name)
        elif child.findChild(QScrollArea) is not None:
            _switch(child, name, on=on)
        else:
            child.setEnabled(on)
