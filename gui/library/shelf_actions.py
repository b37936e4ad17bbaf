"""What can be done with a fine-tune in the library, each with a way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from core.bin import Binned, bring_back, delete_for_good, put_in_bin
from core.errors import UserFacingError
from core.language import _
from core.library.about import About, called, write_about
from core.library.fine_tunes import FineTune, delete
from core.library.shelf import Kept, duplicate
from core.project import Project, RunFolder
from core.queue.entries import live_training, load_queue
from core.wizard import known_of_run, with_run_again
from gui.jobs.task_thread import Tasks
from gui.wizard.session import Session


class ShelfActions(QObject):
    """Works beside the window's thread.

    Attributes:
        done: the library is to be read again.
        offered: what was done, the button's text, and how to take it back.
        failed: a ``UserFacingError``.
        copied: a duplicate is there; carries its ``RunFolder``.
    """

    done = Signal()
    offered = Signal(str, str, object)
    failed = Signal(object)
    copied = Signal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = Tasks(self)
        self._before: list[Callable[[], None]] = []
        self.shut_down = self._tasks.shut_down

    def undo(self) -> None:
        """Take back what was done last."""
        if self._before:
            self._before.pop()()

    def _offer(self, said: str, undo: Callable[[], None]) -> None:
        self._before.append(undo)

        def take_back() -> None:
            if undo in self._before:
                self._before.remove(undo)
                undo()

        self.offered.emit(said, _("Undo"), take_back)
        self.done.emit()

    def say(self, kept: Kept, about: About) -> None:
        """Give it another name or other notes, or put it away."""
        text = _("“{name}” is changed.", name=called(kept.tune.run, about))
        if about.archived and not kept.about.archived:
            text = _("“{name}” is archived.", name=kept.name)
        elif kept.about.archived and not about.archived:
            text = _("“{name}” is back.", name=kept.name)
        self._write(
            kept.tune.run,
            about,
            lambda: self._offer(
                text, lambda: self._write(kept.tune.run, kept.about, self.done.emit)
            ),
        )

    def _write(self, run: RunFolder, about: About, then: Callable[[], None]) -> None:
        self._tasks.start(
            "about", lambda: write_about(run, about), lambda _none: then(), self.failed.emit
        )

    def duplicate(self, kept: Kept) -> None:
        """Make a second one of the same weights."""

        def made(copy: RunFolder) -> None:
            self.copied.emit(copy)
            text = _("“{name}” is duplicated as “{copy}”.", name=kept.name, copy=called(copy))
            self._offer(text, lambda: self._forget_copy(kept.tune.project, copy))

        self._tasks.start("duplicate", lambda: duplicate(kept), made, self.failed.emit)

    def _forget_copy(self, project: Project, copy: RunFolder) -> None:
        self._tasks.start(
            "forget copy",  # not shown: the task's name
            lambda: put_in_bin(project, copy),
            lambda _binned: self.done.emit(),
            self.failed.emit,
        )

    def delete(self, tune: FineTune, others: Sequence[FineTune]) -> None:
        """Put it into its project's bin.

        Args:
            others: the fine-tunes that stay, the newest of each project first.
        """

        def deleted(binned: Binned) -> None:
            known = self._forget(binned, others)
            said = _("“{name}” is deleted.", name=called(binned.run))
            self._offer(said, lambda: self.bring_back(binned, known))

        is_here = self._session.project == tune.project
        known_now = known_of_run(self._session.state, tune.run.name) if is_here else None
        self._tasks.start("delete", lambda: delete(tune, known_now), deleted, self.failed.emit)

    def _forget(self, binned: Binned, others: Sequence[FineTune]) -> dict[str, str | bool]:
        """Let the open project's steps be about another run; return what they knew."""
        project, state = self._session.project, self._session.state
        if project is None or project.root != binned.project.root:
            return {}
        about = ("training_run", "more_of", "finished_run")
        gone = {name: "" for name in about if getattr(state, name) == binned.run.name}
        if "training_run" in gone:
            gone["training_run"] = _another_training(binned.project)
        if "finished_run" in gone:
            here = (tune.run.name for tune in others if tune.project == project)
            gone["finished_run"] = next(here, "")  # the newest: it can still be compared and saved
        with_it = {"training_run": ("training_done",), "finished_run": ("evaluated", "exported_to")}
        lost = [*gone, *(name for one in gone for name in with_it.get(one, ()))]
        known: dict[str, str | bool] = {name: getattr(state, name) for name in lost}
        self._session.give(**gone)
        return known

    def bring_back(self, binned: Binned, known: dict[str, str | bool] | None = None) -> None:
        """Take a run out of the bin; the steps know again what they knew of it."""

        def came_back(_run: RunFolder) -> None:
            project, state = self._session.project, self._session.state
            if project is not None and project.root == binned.project.root:
                if known:
                    self._session.give(**{"finished_run": state.finished_run, **known})
                elif not binned.queued:
                    self._session.give(**with_run_again(state, binned.run.name, binned.steps))
            self.done.emit()

        self._tasks.start(
            "bring back",  # not shown: the task's name
            lambda: bring_back(binned),
            came_back,
            self.failed.emit,
        )

    def empty(self, found: Sequence[Binned]) -> None:
        """Delete what is in the bin for good."""

        def work() -> None:
            for binned in found:
                delete_for_good(binned)

        def refused(error: UserFacingError) -> None:
            self.done.emit()
            self.failed.emit(error)

        self._before = []
        self._tasks.start("empty", work, lambda _none: self.done.emit(), refused)


def _another_training(project: Project) -> str:
    """The run to show instead: the one that trains now, or the queue's first."""
    live = live_training(project)
    queued = [live.name] if live is not None else [item.run for item in load_queue(project)]
    return queued[0] if queued else ""
