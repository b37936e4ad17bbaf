"""A run: its health in one sentence, plots, measured values, pause and stop, the queue."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from core.events import Failed, Finished
from core.jobs.link import Request
from core.jobs.spec import training_params
from core.jobs.supervisor import is_alive
from core.language import _
from core.project import RunFolder
from core.queue import entries
from core.training.result import is_fine_tune
from core.wizard import Step
from gui.kit.boxes import vbox
from gui.kit.look.sizes import WIDE
from gui.kit.scroll import scrolled
from gui.training.following_page import FollowingPage
from gui.training.queue.control import QueueControl
from gui.training.queue.watch import QueueView
from gui.training.suggested_action_control import SuggestedActionControl
from gui.training.verb import Verb, can_resume, has_adapter, hint_for, verb_of
from gui.training.view_model import TrainingViewModel
from gui.wizard.session import Session
from gui.wizard.training_plan import running_elsewhere
from gui.wizard.unfinished import Unfinished


class TrainingPage(FollowingPage):
    """Starts the run that the settings page prepared, or follows the one that is there."""

    step = Step.TRAINING
    column = WIDE

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._of_session = ""  # the later steps' training when the page was entered last
        self._trains = ""  # the name of what trains, at the last look
        self._resumes = False  # as soon as its history has been read
        self.view.action_wanted.connect(
            lambda suggested_action: self.remedies.take(suggested_action, self.run)
        )
        self.view.plots.compared.connect(self.draw)
        self.view.plots.failed.connect(self.failed)
        self.view.plots.saved.connect(
            lambda path: self.told.emit(_("Saved as “{path}”.", path=str(path)))
        )
        self.control = QueueControl(session, self.view.queue, self)
        self.control.changed.connect(self._queue_changed)
        self.control.looked.connect(self._go_along)
        self.control.shown.connect(self.show_run)
        self.control.failed.connect(self.failed)
        self.remedies: SuggestedActionControl = SuggestedActionControl(self)
        self.remedies.stopped.connect(lambda: self._ask(Request.STOP))
        self.remedies.retried.connect(self._train_again)
        self.remedies.queued.connect(self._comes_next)
        self.remedies.rejected.connect(lambda some: self.sent.emit(Step.EXAMPLES, some))
        content = vbox(self.view, 1)
        scrolled(self, content, WIDE)

    def title(self) -> str:
        """Return the headline."""
        return _("Training")

    def subtitle(self) -> str:
        """Say that the window may be closed."""
        if self.is_busy():
            return _("You can close the window. Training continues without it.")
        return ""

    def verb(self) -> Verb:
        """Return the next thing to do with the run that is shown."""
        return verb_of(
            self.view_model,
            busy=self.is_busy(),
            has_adapter=self.run is not None and has_adapter(self.run, self.session.state),
            queue_works=self.control.watcher.view.live,
        )

    def primary_text(self) -> str:
        """Name what comes next; nothing while the run is in progress."""
        return self.verb().words

    def secondary_text(self) -> str:
        """The adapter of a finished run may be trained further."""
        done = self.verb() is Verb.COMPARE
        return _("Train more …") if done and not self.session.read_only else ""

    def is_ready(self) -> bool:
        """The button's action can be done; a read-only project may still be compared."""
        verb = self.verb()
        return verb is Verb.COMPARE or (verb is not Verb.NOTHING and not self.session.read_only)

    def works_read_only(self) -> bool:
        """It still follows the run; what it would write is switched off one by one."""
        return True

    def hint(self) -> str:
        """Say when there will be something to press."""
        return hint_for(self.verb(), self.view_model)

    def enter(self) -> None:
        """Follow the run of this project, or start it if that was just asked for."""
        project = self.session.project
        self.control.watch(project)
        of_session = self.session.state.training_run
        if project is None or (self.run is not None and of_session == self._of_session):
            return
        self._of_session = of_session
        run = self.session.training_run()
        if run is None or entries.waits(project, run):
            run = entries.live_training(project) or run
        if run is not None:
            self.show_run(run)
        else:
            self._show_none()

    def _show_none(self) -> None:
        """What was to be trained is gone."""
        self.run, self.view_model = None, TrainingViewModel()
        self.view_model.state = "none"
        self.draw()
        self.changed.emit()

    def show_run(self, run: RunFolder) -> None:
        """Show this run from now on; start it if that was just asked for."""
        self._drop()
        self.run = run
        self.view_model = TrainingViewModel()
        begun = run.events_file.exists()
        if begun or is_alive(run):
            self._follow(start=False)
        elif entries.waits(self.session.require_project(), run) or self.session.read_only:
            self.view_model.state = "queued"
        elif self.session.take_start(run.name) and self._can_start():
            self._follow(start=True)
        else:  # a project that is opened starts nothing
            self.view_model.state = "ready"
        self.view.plots.show_run(self.session.require_project(), run)
        self._draw_queue()
        self.draw()
        self.changed.emit()

    def _ended(self, last: Finished | Failed) -> None:
        self._drop()
        if isinstance(last, Failed) and self.view_model.ending is None:
            self.view_model.take(last)
        kept = isinstance(last, Finished) and last.outcome != "cancelled"
        if kept and self.run is not None and is_fine_tune(self.run):
            self.session.note_trained(self.run.name)
        self.draw()
        self.changed.emit()
        self.control.look_now()
        self._go_on()

    def _go_on(self) -> None:
        """Do what had to wait for the end of the run that was shown."""
        resumes, self._resumes = self._resumes, False
        retries = self.remedies.after_the_end(self.run)
        if not retries and resumes and can_resume(self.view_model):
            self._resume()

    def _train_again(self, run: RunFolder) -> None:
        self.session.give(training_run=run.name)
        self.session.start_next(run.name)
        self._of_session = run.name
        self.show_run(run)

    def _comes_next(self, run: RunFolder) -> None:
        self.control.look_now()
        self.told.emit(_("“{run}” is next in the queue.", run=self.called(run.name)))

    def _queue_changed(self, view: QueueView) -> None:
        if view.training != self._trains:  # why nothing could be begun is past
            self._trains = view.training
            self.corrected.emit()
        if not self.is_busy() and (self.run is None or not self.run.root.is_dir()):
            other = self.session.training_run()  # the shown one left the queue, or came back
            if other is not None:
                self.show_run(other)
            else:
                self._show_none()
        self._draw_queue()
        self.changed.emit()

    def _go_along(self, view: QueueView) -> None:
        """Follow the run in progress, unless you look at another one.

        Asked at every look: a child that was just started becomes alive between two of them.
        """
        project = self.session.project
        if project is None or not view.training or self.is_busy():
            return
        live = project.run(view.training)
        if (live == self.run or not self.control.picked) and is_alive(live):
            self.show_run(live)

    def _draw_queue(self) -> None:
        self.control.draw(self.run.name if self.run is not None else "")

    def goes_on(self) -> bool:
        """A run is followed, or the queue works."""
        return self.is_busy() or self.control.watcher.view.live

    def says_unfinished(self, found: Unfinished) -> bool:
        """The main button resumes the run that is shown; the queue has its own panel."""
        return found.run in (None, self.run)

    def receive(self, matter: object) -> None:
        """Show a run that was interrupted and resume it."""
        if isinstance(matter, RunFolder):
            self._resume_this(matter)

    def _resume_this(self, run: RunFolder) -> None:
        if self.run != run or self.is_busy():
            self._resumes = True
        if self.run != run:
            self.show_run(run)
        elif not self.is_busy():
            self._resume()

    def _resume(self) -> None:
        other = entries.live_training(self.session.require_project())
        if other is not None:
            self.failed.emit(running_elsewhere(other))
            return
        if self._can_start():
            self.view_model.ending, self.view_model.state = None, "waiting"
            self._follow(start=True)
        self.draw()

    def apply(self) -> None:
        """Do what the button says: compare, resume, start the queue, or go to the settings."""
        match self.verb():
            case Verb.COMPARE:
                self._compare()
            case Verb.RESUME | Verb.START:
                self._resume()
            case Verb.START_QUEUE:
                self.control.start()
            case Verb.SETTINGS:
                self.sent.emit(Step.SETTINGS, None)

    def _compare(self) -> None:
        """Let the later steps be about the run that is shown, and go there."""
        if self.run is not None:
            self.session.give(finished_run=self.run.name)
            self.finished.emit()

    def apply_secondary(self) -> None:
        """Go to the settings of a run that continues from the one that is shown."""
        if self.run is not None:
            params = training_params(self.run)
            self.session.train_from_adapter(
                self.run.name, params.base_model, params.dataset_version
            )
            self.sent.emit(Step.SETTINGS, None)

    def shut_down(self) -> None:
        """Stop following; the run itself continues."""
        self._redraw.stop()
        self.remedies.shut_down()
        self._drop()
        self.control.shut_down()
        self.view.shut_down()
