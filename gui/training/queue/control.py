"""Between the project's queue and its panel: what the buttons do, and when it is redrawn."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from core.errors import UserFacingError
from core.jobs.link import Request
from core.jobs.spec import QueueParams
from core.jobs.supervisor import Supervisor
from core.language import _
from core.project import Project
from core.queue import entries
from gui.training.queue.panel import QueuePanel
from gui.training.queue.watch import QueueWatch
from gui.wizard.session import READ_ONLY, Session


class QueueControl(QObject):
    """Edits the queue and starts its job; the job needs no window.

    Attributes:
        changed: the queue changed; carries a :class:`gui.training.queue.watch.QueueView`.
        looked: the same once a second, changed or not.
        shown: the user wants to see a run; carries its run folder.
        failed: a ``UserFacingError``.
        picked: the user chose what to look at, so the page does not switch to the next run.
    """

    changed = Signal(object)
    looked = Signal(object)
    shown = Signal(object)
    failed = Signal(object)

    def __init__(self, session: Session, panel: QueuePanel, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._panel = panel
        self._jobs: list[Supervisor] = []  # kept, so that their ended children are waited for
        self.picked = False
        self.watcher = QueueWatch(self)
        self.watcher.changed.connect(self.changed)
        self.watcher.looked.connect(self.looked)
        panel.moved.connect(lambda name, by: self._edit(lambda p: entries.move(p, name, by)))
        panel.removed.connect(self._remove)
        panel.put_back.connect(lambda: self._edit(entries.put_back))
        panel.shown.connect(self._show)
        panel.started.connect(self.start)
        panel.stopped.connect(self._stop)

    def watch(self, project: Project | None) -> None:
        """Look at this project's queue from now on."""
        self.watcher.watch(project)

    def look_now(self) -> None:
        """Look without waiting."""
        self.watcher.look_now()

    def draw(self, current: str) -> None:
        """Show the queue beside the run ``current``."""
        read_only = _(READ_ONLY) if self._session.read_only else ""
        self._panel.show_queue(self.watcher.view, current, self._session.settings, read_only)

    def _edit(self, change: Callable[[Project], object]) -> None:
        project = self._session.project
        if project is None or self._session.read_only:
            return
        try:
            change(project)
        except UserFacingError as error:
            self.failed.emit(error)
        self.look_now()

    def _remove(self, name: str) -> None:
        self._edit(lambda project: entries.remove(project, name))
        state = self._session.state
        if state.training_run == name and self._session.training_run() is None:
            left = entries.load_queue(self._session.require_project())
            if left:  # else its name stays: it can still be put back
                self._session.give(training_run=left[0].run)

    def _show(self, name: str) -> None:
        project = self._session.require_project()
        self.picked = name != self.watcher.view.training
        self.shown.emit(project.run(name))

    def start(self) -> None:
        """Start the queue's job, unless it works already."""
        self.picked = False
        self._edit(self._start)

    def _start(self, project: Project) -> None:
        if entries.live_queue(project) is not None:
            return
        folder = project.new_run("queue")
        job = Supervisor(folder)
        job.start(QueueParams())
        self._jobs = [old for old in self._jobs if old.is_alive()] + [job]

    def _stop(self) -> None:
        self._edit(self._ask_to_stop)

    def _ask_to_stop(self, project: Project) -> None:
        folder = entries.live_queue(project)
        if folder is not None:
            Supervisor(folder).ask(Request.STOP)

    def shut_down(self) -> None:
        """Stop looking; the queue continues."""
        self.watcher.shut_down()
