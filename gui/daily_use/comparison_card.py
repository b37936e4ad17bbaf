"""Two models take turns in daily use, and you say whether you used what they answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QPushButton, QWidget

from core.conversations.export import NO_NAMES, name_of
from core.generation.spec import BASE
from core.language import _, ngettext
from core.library.about import names_of
from core.project import Project
from core.serving.use.comparison import (
    Answered,
    Comparison,
    Outcome,
    Standing,
    begin,
    open_database,
    present,
)
from core.storage.ordinary import is_ordinary_file
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import announce, label, set_look, text_pane
from gui.kit.theme import Space

_QUESTION_HEIGHT = 72
_ANSWER_HEIGHT = 110


@dataclass(frozen=True, slots=True)
class _Seen:
    """How the comparison in progress stands."""

    standing: Standing
    answers: tuple[Answered, ...]


class ComparisonCard(QFrame):
    """Choose two, mark their answers without knowing whose they are, and end it.

    Attributes:
        failed: a ``UserFacingError``.
        to_mark: the answer that is shown, ``None`` where none waits.
    """

    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self._tasks = Tasks(self)
        self._project: Project | None = None
        self._models: tuple[str, ...] = ()
        self._names = NO_NAMES
        self.to_mark: Answered | None = None
        self.text = label("")
        self.first, self.second = QComboBox(), QComboBox()
        self.first.setAccessibleName(_("First model"))
        self.second.setAccessibleName(_("Second model"))
        self.start = QPushButton(_("Start comparing"))
        self.start.clicked.connect(self._start)
        self.question = text_pane(_("Question"))
        self.question.setFixedHeight(_QUESTION_HEIGHT)
        self.answer = text_pane(_("Answer"))
        self.answer.setFixedHeight(_ANSWER_HEIGHT)
        self.not_used = QPushButton(_("Not used"))
        self.not_used.clicked.connect(lambda: self._mark(used=False))
        self.used = QPushButton(_("Used"))
        self.used.clicked.connect(lambda: self._mark(used=True))
        self.end = QPushButton(_("End and show which is which"))
        self.end.clicked.connect(self._end)
        self._choice, self._asked = QWidget(), QWidget()
        self._lay_out()
        for part in (self._choice, self._asked, self.end, self):
            part.hide()

    def _lay_out(self) -> None:
        vbox(
            Flow(self.first, self.second, self.start),
            on=self._choice,
            margins=0,
        )
        vbox(
            self.question,
            self.answer,
            Flow(self.not_used, self.used, even=True),
            on=self._asked,
            margins=0,
            spacing=Space.SMALL,
        )
        vbox(
            label(_("Compare two models"), "heading"),
            self.text,
            self._choice,
            self._asked,
            Flow(self.end),
            on=self,
            margins=Space.LARGE,
            spacing=Space.SMALL,
        )

    def look(self, project: Project, runs: Sequence[str]) -> None:
        """Read how it stands; these fine-tunes can be compared, and their base."""
        self._project = project
        models, names = (BASE, *runs) if runs else (), names_of(project)
        if (models, names) != (self._models, self._names):  # one may have been renamed meanwhile
            self._models, self._names = models, names
            for box, place in ((self.first, 0), (self.second, 1)):
                box.clear()
                for model in models:
                    box.addItem(name_of(model, self._names), model)
                box.setCurrentIndex(place if place < len(models) else -1)
        self._tasks.start("look", lambda: _look_at(project), self._show, self.failed.emit)

    def _show(self, seen: _Seen | None) -> None:
        self.setVisible(bool(self._models) or seen is not None)
        self._choice.setVisible(seen is None)
        self.end.setVisible(seen is not None)
        self._show_answer(seen.answers[0] if seen is not None and seen.answers else None)
        if seen is not None:
            self.text.setText(standing_in_words(seen.standing))
        elif self.text.property("outcome") is None:
            self.text.setText(
                _(
                    "Programs that ask for the model “compare” are answered by one of the two, "
                    "drawn at random. Mark which answers you used. Which model is which stays "
                    "hidden until the end."
                )
            )

    def _show_answer(self, answer: Answered | None) -> None:
        self._asked.setVisible(answer is not None)
        if answer is not None and answer != self.to_mark:
            self.question.setPlainText(answer.prompt)
            self.answer.setPlainText(answer.answer)
        self.to_mark = answer

    def _start(self) -> None:
        first, second = self.first.currentData(), self.second.currentData()
        self.text.setProperty("outcome", None)

        def work(project: Project) -> None:
            with closing(open_database(project)) as database:
                begin(database, first, second)

        self._do("begin", work)

    def _mark(self, *, used: bool) -> None:
        answer = self.to_mark
        if answer is not None:
            self._change(lambda comparison: comparison.mark(answer.request, used=used))

    def _change(self, change: Callable[[Comparison], None]) -> None:
        def work(project: Project) -> None:
            with closing(open_database(project)) as database:
                comparison = present(database)
                if comparison is not None:
                    change(comparison)

        self._do("mark", work)

    def _do(self, name: str, work: Callable[[Project], None]) -> None:
        project = self._project
        if project is not None:
            self._tasks.start(name, lambda: work(project), self._done, self.failed.emit)

    def _done(self, _nothing: object) -> None:
        if self._project is not None:
            self.look(self._project, self._models[1:])

    def _end(self) -> None:
        project = self._project
        if project is not None:
            self._tasks.start("end", lambda: _end(project), self._ended, self.failed.emit)

    def _ended(self, outcome: Outcome | None) -> None:
        if outcome is not None:
            self.text.setText(outcome_in_words(outcome, self._names))
            self.text.setProperty("outcome", "shown")
            announce(self, self.text.text())
        self._done(None)

    def shut_down(self) -> None:
        """Let go of the threads."""
        self._tasks.shut_down()


def _look_at(project: Project) -> _Seen | None:
    if not is_ordinary_file(project.use_file):  # opening it would make it
        return None
    with closing(open_database(project)) as database:
        comparison = present(database)
        if comparison is None:
            return None
        return _Seen(comparison.standing(), tuple(comparison.to_mark(1)))


def _end(project: Project) -> Outcome | None:
    with closing(open_database(project)) as database:
        comparison = present(database)
        return None if comparison is None else comparison.end()


def standing_in_words(standing: Standing) -> str:
    """Say how a comparison stands, without saying who is ahead."""
    if not standing.marks:
        return _("No answer is marked yet. Ask the model “compare” from another program.")
    marked = ngettext(
        "{count:,} answer is marked.", "{count:,} answers are marked.", standing.marks
    )
    ahead = _(
        "One of the two would be preferred in {low:.0%} to {high:.0%} of cases.",
        low=standing.low,
        high=standing.high,
    )
    return f"{standing.sentence} {marked} {ahead}"


def outcome_in_words(outcome: Outcome, names: Mapping[str, str] = NO_NAMES) -> str:
    """Say how a comparison ended, with the names."""
    if outcome.better:
        better = _("“{name}” is better.", name=name_of(outcome.better, names))
    elif outcome.standing.alike:
        better = _("There is no difference that matters.")
    else:
        better = _("That is not enough to tell which is better.")
    return f"{better} {outcome.sentence}"
