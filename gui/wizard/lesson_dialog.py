"""What there is to learn from what you judged, and when it is to be learned."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from core.actions.preferences import Lesson
from core.language import _
from core.library.about import called
from core.planning.estimate import duration_text
from core.preferences.taste import taste_text
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import label
from gui.kit.message_bar import MessageBar
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.kit.window_place import fit_dialog

_SIZE = (500, 360)


class LessonDialog(QDialog):
    """Shows the counts; too few can only be closed.

    Attributes:
        wanted: whether the run is only to be queued.
    """

    wanted = Signal(bool)

    def __init__(self, lesson: Lesson, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Learn from your ratings"))
        self.counts = label("\n".join(map(str, lesson.collected.lines())))
        self.taste = label(str(taste_text(lesson.collected.judgements) or ""))
        self.time = label(_time(lesson), "muted")
        self.refusal = MessageBar(dismissable=False)
        self.cancel = QPushButton(_("Cancel"))
        self.cancel.clicked.connect(self.reject)
        self.queue = self._button(_("Add to the queue"), queued=True)
        self.start = self._button(_("Start"), queued=False)
        self.start.setProperty("kind", "primary")
        self.start.setDefault(True)
        text = _(
            "“{run}” learns to answer more like the answers that you preferred. The rated "
            "questions are then no longer used to measure it.",
            run=called(lesson.run),
        )
        page = QWidget()
        content = vbox(
            label(_("Learn from your ratings"), "heading"), label(text), self.counts,
            self.taste, self.time, 1,
            spacing=Space.MEDIUM,
        )  # fmt: skip
        scrolled(page, content)
        vbox(
            (page, 1),
            self.refusal,
            Flow(self.queue, self.start, self.cancel, at_end=True),
            on=self,
            margins=Space.LARGE,
            spacing=Space.MEDIUM,
        )
        fit_dialog(self, *_SIZE)
        self.counts.setVisible(bool(self.counts.text()))
        refusal = lesson.collected.refusal()
        for widget in (self.queue, self.start, self.time):
            widget.setVisible(refusal is None)
        self.taste.setVisible(refusal is None and bool(self.taste.text()))
        self.refusal.setVisible(refusal is not None)
        if refusal is not None:
            self.refusal.say("neutral", refusal.what, refusal.todo)

    def _button(self, text: str, *, queued: bool) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(lambda: self._choose(queued=queued))
        return button

    def _choose(self, *, queued: bool) -> None:
        self.wanted.emit(queued)
        self.accept()


def _time(lesson: Lesson) -> str:
    if not lesson.seconds.high:
        return ""
    return _("Expected time: {time}", time=duration_text(lesson.seconds))
