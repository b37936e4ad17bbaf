"""Two answers without names: which one is better, until there is enough to tell.

The draw and the marks lie in the project's record of use; here they are only asked for.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from core.conversations.export import NO_NAMES, name_of
from core.errors import UserFacingError
from core.generation.spec import BASE
from core.language import _, ngettext, one_after_another
from core.project import Project
from core.serving.use.comparison import (
    Comparison,
    Outcome,
    Standing,
    begin,
    open_database,
    present,
)
from gui.chat.view_model import Drawn
from gui.jobs.task_thread import Tasks
from gui.kit.flow import Flow
from gui.kit.labels import label

T = TypeVar("T")  # not shown: a type


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be asked once it is drawn who answers."""

    text: str
    drawn: Drawn


class BlindTrial(QObject):
    """Asks the project's comparison beside the window's thread.

    Attributes:
        drawn: a ``Question`` whose answers may be asked for.
        returned: a question that cannot be asked blindly.
        stands: how the comparison stands (``Standing``), ``None`` where there is none.
        ended: who was who (``Outcome``).
        failed: a ``UserFacingError``.
    """

    drawn = Signal(object)
    returned = Signal(str)
    stands = Signal(object)
    ended = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = Tasks(self)

    def draw(self, project: Project, tune: str, question: str) -> None:
        """Draw which answer is whose; a comparison begins with the first question."""
        ids = uuid.uuid4().hex, uuid.uuid4().hex

        def work(comparison: Comparison) -> Question:
            first, second = comparison.draw_both(*ids)
            if {first, second} != {BASE, tune}:
                _refuse(project, tune)
            return Question(question, ((ids[0], first), (ids[1], second)))

        def refused(error: UserFacingError) -> None:
            self.returned.emit(question)
            self.failed.emit(error)

        self._start("draw", lambda: _with(project, tune, work), self.drawn.emit, refused)

    def pick(self, project: Project, chosen: str, other: str) -> None:
        """Say which of two answers is better; the last word counts."""

        def work(comparison: Comparison) -> Standing:
            comparison.pick(chosen, other)
            return comparison.standing()

        self._start("pick", lambda: _with(project, "", work), self.stands.emit, self.failed.emit)

    def look(self, project: Project) -> None:
        """Say how it stands."""

        def work() -> Standing | None:
            if not project.use_file.is_file():
                return None
            with closing(open_database(project)) as database:
                comparison = present(database)
                return comparison.standing() if comparison is not None else None

        self._start("look", work, self.stands.emit, self.failed.emit)

    def end(self, project: Project) -> None:
        """Stop comparing and tell who was who."""
        self._start(
            "end",
            lambda: _with(project, "", lambda comparison: comparison.end()),
            self.ended.emit,
            self.failed.emit,
        )

    def _start(
        self,
        name: str,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[UserFacingError], None],
    ) -> None:
        self._tasks.start(name, work, done, failed)

    def shut_down(self) -> None:
        """Finish what was begun."""
        self._tasks.shut_down()


def _with(project: Project, tune: str, work: Callable[[Comparison], T]) -> T:
    """Do something with the comparison in progress; one with ``tune`` begins if there is none."""
    with closing(open_database(project)) as database:
        return work(present(database) or begin(database, BASE, tune or BASE))


def _refuse(project: Project, tune: str) -> None:
    """Another pair is being compared.

    Raises:
        UserFacingError: code ``use.comparing``.
    """
    with closing(open_database(project)) as database:
        begin(database, BASE, tune)


class BlindBar(QWidget):
    """How the comparison stands, and the way to end it.

    Attributes:
        end_asked: the names are to be told.
    """

    end_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = label("", "small")
        self.end = QPushButton(_("End and show the names"))
        self.end.setProperty("kind", "link")
        self.end.clicked.connect(self.end_asked)
        self.setLayout(Flow(self.text, self.end, stretch=self.text))
        self.show_standing(None)

    def show_standing(self, standing: Standing | None) -> None:
        """Say how many marks there are and whether they are enough."""
        self.end.setVisible(standing is not None and standing.marks > 0)
        if standing is None or not standing.marks:
            self.text.setText(_("Two answers without names. Say which one is better."))
            return
        marks = ngettext("{count:,} pair judged.", "{count:,} pairs judged.", standing.marks)
        self.text.setText(one_after_another([marks, standing.sentence]))


def outcome_in_words(outcome: Outcome, names: Mapping[str, str] = NO_NAMES) -> str:
    """Say who was better, and by how much, or that there is no telling."""
    standing = outcome.standing
    if outcome.better:
        return _(
            "“{model}” was better in {ahead:,} of {marks:,} pairs. That is enough to tell.",
            model=name_of(outcome.better, names),
            ahead=standing.ahead,
            marks=standing.marks,
        )
    if standing.alike:
        return _("{marks:,} pairs show no difference that matters.", marks=standing.marks)
    return ngettext(
        "{count:,} pair is not enough to tell which one is better.",
        "{count:,} pairs are not enough to tell which one is better.",
        standing.marks,
    )
