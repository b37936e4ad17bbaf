"""The training: how it goes in one sentence, plots, measured values, pause and stop, the queue."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from core.files import read_json
from core.jobs import queue
from core.jobs.events import Failed, Finished
from core.jobs.link import Request
from core.jobs.supervisor import is_alive
from core.project import RunFolder
from core.wizard import Step
from gui.icons import icon
from gui.job_thread import JobThread
from gui.pages.page import Page
from gui.queue_control import QueueControl
from gui.queue_watch import QueueView
from gui.session import READ_ONLY, Session
from gui.theme import Space
from gui.training_plan import running_elsewhere
from gui.training_story import TrainingStory
from gui.widgets.awake_line import AwakeLine
from gui.widgets.labels import label
from gui.widgets.message_bar import MessageBar
from gui.widgets.notice_list import NoticeList
from gui.widgets.queue_panel import QueuePanel
from gui.widgets.sample_answers import SampleAnswers
from gui.widgets.scroll import scrolled
from gui.widgets.training_plots import TrainingPlots
from gui.widgets.training_tiles import TrainingTiles
from gui.wording import duration

_REDRAW_MS = 300
_STOP = " Stop and keep the best so far"
# Resuming would only repeat these; other settings are needed.
_NEEDS_OTHER_SETTINGS = frozenset({"training.diverged", "training.not_finite"})
_NO_CARD = "No graphics card: the training runs on the processor; no temperature is available."


class TrainingPage(Page):
    """Starts the training that the settings page made ready, or follows the one that is there.

    Attributes:
        run: the training that is shown; with a queue not always the one of the later steps.
    """

    step = Step.TRAINING

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.story = TrainingStory()
        self.run: RunFolder | None = None
        self._of_session = ""  # the later steps' training when the page was entered last
        self._thread: JobThread | None = None
        self._asked: Request | None = None
        self._resumes = False  # as soon as its story has been read
        self.verdict = MessageBar(dismissable=False)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress of the training")
        self._where = label("", "muted")
        self.awake = AwakeLine()
        self.pause = QPushButton(" Pause")
        self.pause.clicked.connect(self._pause_or_resume)
        self.stop = QPushButton(_STOP)
        self.stop.setIcon(icon("stop"))
        self.stop.clicked.connect(lambda: self._ask(Request.STOP))
        self.plots = TrainingPlots()
        self.plots.compared.connect(self._draw_plots)
        self.plots.failed.connect(self.failed)
        self.plots.saved.connect(lambda path: self.told.emit(f"Saved as {path}"))
        self.tiles = TrainingTiles()
        self.answers = SampleAnswers()
        self.notices = NoticeList()
        self.queue = QueuePanel()
        self.control = QueueControl(session, self.queue, self)
        self.control.changed.connect(self._queue_changed)
        self.control.shown.connect(self.show_run)
        self.control.failed.connect(self.failed)
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self.draw)
        self._lay_out()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self._where, 1)
        buttons.addWidget(self.pause)
        buttons.addWidget(self.stop)
        self._no_card = label(_NO_CARD, "muted")
        content = QVBoxLayout()
        content.setSpacing(Space.MEDIUM)
        content.addWidget(self.verdict)
        content.addWidget(self.bar)
        content.addLayout(buttons)
        below = (self.awake, self.plots, self._no_card, self.tiles)
        for widget in (*below, self.queue, self.answers, self.notices):
            content.addWidget(widget)
        content.addStretch(1)
        scrolled(self, content)

    def title(self) -> str:
        """Return the headline."""
        return "Training"

    def subtitle(self) -> str:
        """Say that the window may be closed."""
        if self.is_busy():
            return "You can close the window; the training does not need it."
        return ""

    def primary_text(self) -> str:
        """Return what comes after the training."""
        return "Compare with the base model"

    def is_ready(self) -> bool:
        """The comparison needs a finished training."""
        if self.run is None or self.is_busy():
            return False
        own = self.run.name == self.session.state.training_run
        return self.run.facts_file.is_file() or (own and self.session.state.training_done)

    def works_read_only(self) -> bool:
        """It goes on following; what it would write is switched off one by one."""
        return True

    def is_busy(self) -> bool:
        """Return whether the training is followed right now."""
        return self._thread is not None

    def hint(self) -> str:
        """Say when the button will work."""
        return "" if self.is_ready() else "Opens when the training is done."

    def enter(self) -> None:
        """Follow the run of this project, or start it if that is what it waits for."""
        project = self.session.project
        self.control.watch(project)
        of_session = self.session.state.training_run
        if project is None or (self.run is not None and of_session == self._of_session):
            return
        self._of_session = of_session
        run = self.session.training_run()
        if run is None or self._waits_in_queue(run):
            run = queue.live_training(project) or run
        if run is not None:
            self.show_run(run)

    def _waits_in_queue(self, run: RunFolder) -> bool:
        project = self.session.require_project()
        queued = any(item.run == run.name for item in queue.load_queue(project))
        return queued and not run.events_file.exists()

    def show_run(self, run: RunFolder) -> None:
        """Show this training from now on; start it if it is ready and not in the queue."""
        self._drop()
        self.run = run
        self.story = TrainingStory()
        begun = run.events_file.exists()
        if begun or is_alive(run):
            self._follow(start=False)
        elif not self._waits_in_queue(run) and not self.session.read_only:
            self._follow(start=True)
        else:
            self.story.state = "queued"
        self.plots.show_run(self.session.require_project(), run)
        self._draw_queue()
        self.draw()
        self.changed.emit()

    def _follow(self, *, start: bool) -> None:
        if self.run is None:
            return
        kind, params = "", {}
        if start:
            spec = read_json(self.run.job_file)
            kind, params = spec["kind"], spec["params"]
        self._asked = None
        self._thread = JobThread(self.run, kind, params, parent=self)
        self._thread.event.connect(self._take)
        self._thread.ended.connect(self._ended)
        self._thread.start()
        self.changed.emit()

    def _take(self, event: object) -> None:
        self.story.take(event)  # type: ignore[arg-type]
        if not self._redraw.isActive():
            self._redraw.start()

    def _ended(self, last: Finished | Failed) -> None:
        self._drop()
        self._asked = None
        if isinstance(last, Failed) and self.story.ending is None:
            self.story.take(last)
        kept = isinstance(last, Finished) and last.outcome != "cancelled"
        if kept and self.run is not None and self.run.name == self.session.state.training_run:
            self.session.give(training_done=True)
        self.draw()
        self.changed.emit()
        self.control.look_now()
        if self._resumes:
            self._resumes = False
            self._resume()

    def _queue_changed(self, view: QueueView) -> None:
        """Go along with the queue, unless the person looks at another training that runs."""
        self._draw_queue()
        project = self.session.project
        if project is None or not view.training or self.is_busy() or self.control.picked:
            return
        live = project.run(view.training)
        if live != self.run and is_alive(live):
            self.show_run(live)

    def _draw_queue(self) -> None:
        self.control.draw(self.run.name if self.run is not None else "")

    def _ask(self, request: Request) -> None:
        if self._thread is not None:
            self._asked = request
            self._thread.ask(request)
            self.draw()

    def _pause_or_resume(self) -> None:
        if self._thread is None:
            self._resume()
        elif self.story.state == "paused":
            self._ask(Request.RUN)
        else:
            self._ask(Request.PAUSE)

    def resume(self, run: RunFolder) -> None:
        """Show a training that was interrupted and let it go on."""
        if self.run != run or self.is_busy():
            self._resumes = True
        if self.run != run:
            self.show_run(run)
        elif not self.is_busy():
            self._resume()

    def _resume(self) -> None:
        other = queue.live_training(self.session.require_project())
        if other is not None:
            self.failed.emit(running_elsewhere(other))
            return
        self._follow(start=True)
        self.story.ending, self.story.state = None, "waiting"
        self.draw()

    def apply(self) -> None:
        """Go on with the training that is shown."""
        run, state = self.run, self.session.state
        if run is not None and run.name != state.training_run:
            params = read_json(run.job_file)["params"]
            chosen = {name: params[name] for name in ("dataset_version", "base_model")}
            self.session.give(training_run=run.name, **chosen)
            self._of_session = run.name
        self.session.give(training_done=True)
        self.finished.emit()

    def draw(self) -> None:
        """Show the story as it is now; a hidden window waits until it is shown."""
        if not self.isVisible():
            return
        story = self.story
        self._draw_verdict()
        self._draw_progress()
        self._draw_buttons()
        self._draw_plots()
        reading = story.telemetry
        self._no_card.setVisible(reading is not None and not reading.card)
        self.awake.show_notice(story.awake, running=self.is_busy())
        self.tiles.show_story(story, self.session.settings)
        self.answers.show_answers(story.answers)
        self.notices.show_notices(story.notices)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while the page was hidden."""
        super().showEvent(event)
        self.draw()

    def _draw_plots(self) -> None:
        self.plots.show_story(self.story)

    def _draw_verdict(self) -> None:
        tone, text = self.story.verdict()
        details = self.story.ending.details if isinstance(self.story.ending, Failed) else ""
        if (text, details) != (self.verdict.what.text(), self.verdict.property("details")):
            self.verdict.say(tone, text, "", details)
            self.verdict.setProperty("details", details)

    def _draw_progress(self) -> None:
        story = self.story
        self.bar.setRange(0, story.total_steps)
        self.bar.setValue(story.step)
        busy = story.state not in ("ended", "queued")
        self.bar.setVisible(story.total_steps > 0 or busy)
        if not story.total_steps:
            self._where.setText("")
            return
        text = f"Step {story.step:,} of {story.total_steps:,} · round {story.epoch:.1f}"
        left = story.seconds_left()
        if left is not None:
            text += f" · about {duration(left)} left"
        elif story.state == "running":
            text += " · time left not measured yet"
        self._where.setText(text)

    def _draw_buttons(self) -> None:
        running = self._thread is not None
        paused = running and self.story.state == "paused"
        failed = not running and isinstance(self.story.ending, Failed)
        again = failed and self.story.ending.code not in _NEEDS_OTHER_SETTINGS
        resumes = paused or again
        waits = self._asked is Request.PAUSE and not paused
        self.pause.setText(" Resume" if resumes else " Pausing …" if waits else " Pause")
        self.pause.setIcon(icon("play" if resumes else "pause"))
        self.pause.setVisible(running or again)
        self.stop.setVisible(running)
        stopping = self._asked is Request.STOP
        self.stop.setText(" Stopping …" if stopping else _STOP)
        read_only = self.session.read_only
        self.pause.setEnabled(not (waits or stopping or read_only))
        self.stop.setEnabled(not (stopping or read_only or self.story.state == "waiting"))
        for button in (self.pause, self.stop):
            button.setToolTip(READ_ONLY if read_only else "")

    def _drop(self) -> None:
        if self._thread is not None:
            self._thread.let_go()
            self._thread.deleteLater()
            self._thread = None

    def shut_down(self) -> None:
        """Stop following; the training itself goes on."""
        self._redraw.stop()
        self._drop()
        self.control.shut_down()
        self.plots.shut_down()
