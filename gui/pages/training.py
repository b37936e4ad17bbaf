"""The training: how it goes in one sentence, two plots, measured values, pause and stop."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.files import read_json
from core.jobs.events import Failed, Finished
from core.jobs.link import Request
from core.project import RunFolder
from core.wizard import Step
from gui.icons import icon
from gui.job_thread import JobThread
from gui.pages.page import Page
from gui.session import Session
from gui.theme import Space
from gui.training_story import TrainingStory
from gui.widgets.charts import LossChart, TemperatureChart
from gui.widgets.glossary import explained
from gui.widgets.labels import label, set_look
from gui.widgets.message_bar import MessageBar
from gui.widgets.notice_list import NoticeList
from gui.widgets.sample_answers import SampleAnswers
from gui.widgets.scroll import scrolled
from gui.widgets.training_tiles import TrainingTiles
from gui.wording import duration

_REDRAW_MS = 300
_STOP = " Stop and keep the best so far"
# Resuming would only repeat these; other settings are needed.
_NEEDS_OTHER_SETTINGS = frozenset({"training.diverged", "training.not_finite"})
_NO_CARD = "No graphics card: the training runs on the processor; no temperature is available."


class TrainingPage(Page):
    """Starts the training that the settings page made ready, or follows the one that is there."""

    step = Step.TRAINING

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.story = TrainingStory()
        self._run: RunFolder | None = None
        self._thread: JobThread | None = None
        self._asked: Request | None = None
        self.verdict = MessageBar(dismissable=False)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress of the training")
        self._where = label("", "muted")
        self.pause = QPushButton(" Pause")
        self.pause.clicked.connect(self._pause_or_resume)
        self.stop = QPushButton(_STOP)
        self.stop.setIcon(icon("stop"))
        self.stop.clicked.connect(lambda: self._ask(Request.STOP))
        self.losses = LossChart()
        self.temperatures = TemperatureChart()
        self.tiles = TrainingTiles()
        self.answers = SampleAnswers()
        self.notices = NoticeList()
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
        self._heat = _card(label("Temperature", "heading"), self.temperatures)
        plots = QHBoxLayout()
        plots.setSpacing(Space.MEDIUM)
        losses = _card(explained("How wrong the model is", "loss", "heading"), self.losses)
        plots.addWidget(losses, 3)
        plots.addWidget(self._heat, 2)
        content = QVBoxLayout()
        content.setSpacing(Space.MEDIUM)
        content.addWidget(self.verdict)
        content.addWidget(self.bar)
        content.addLayout(buttons)
        content.addLayout(plots)
        for widget in (self._no_card, self.tiles, self.answers, self.notices):
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
        return self.session.state.training_done

    def is_busy(self) -> bool:
        """Return whether the training is followed right now."""
        return self._thread is not None

    def hint(self) -> str:
        """Say when the button will work."""
        return "" if self.is_ready() else "Opens when the training is done."

    def enter(self) -> None:
        """Follow the run of this project, or start it if that is what it waits for."""
        run = self.session.training_run()
        if run is None or (self._run is not None and self._run.root == run.root):
            return
        self._drop()
        self._run = run
        self.story = TrainingStory()
        self._follow(start=not run.events_file.exists())
        self.draw()

    def _follow(self, *, start: bool) -> None:
        if self._run is None:
            return
        kind, params = "", {}
        if start:
            spec = read_json(self._run.job_file)
            kind, params = spec["kind"], spec["params"]
        self._asked = None
        self._thread = JobThread(self._run, kind, params, parent=self)
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
        if isinstance(last, Finished) and last.outcome != "cancelled":
            self.session.give(training_done=True)
        self.draw()
        self.changed.emit()

    def _ask(self, request: Request) -> None:
        if self._thread is not None:
            self._asked = request
            self._thread.ask(request)
            self.draw()

    def _pause_or_resume(self) -> None:
        if self._thread is None:
            self._follow(start=True)
            self.story.ending, self.story.state = None, "waiting"
            self.draw()
        elif self.story.state == "paused":
            self._ask(Request.RUN)
        else:
            self._ask(Request.PAUSE)

    def draw(self) -> None:
        """Show the story as it is now."""
        story = self.story
        self._draw_verdict()
        self._draw_progress()
        self._draw_buttons()
        raw, smoothed, checks = story.raw, story.smoothed, story.checks
        self.losses.show_losses(
            (raw.x, raw.y), (smoothed.x, smoothed.y), (checks.x, checks.y), story.best
        )
        self._draw_temperature()
        self.tiles.show_story(story, self.session.settings)
        self.answers.show_answers(story.answers)
        self.notices.show_notices(story.notices)

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
        self.bar.setVisible(story.total_steps > 0 or story.state != "ended")
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
        self.pause.setEnabled(not waits and self._asked is not Request.STOP)
        self.stop.setVisible(running)
        stopping = self._asked is Request.STOP
        self.stop.setText(" Stopping …" if stopping else _STOP)
        self.stop.setEnabled(not stopping and self.story.state != "waiting")

    def _draw_temperature(self) -> None:
        line, reading = self.story.temperature, self.story.telemetry
        known = len(line.x) > 0
        self._heat.setVisible(known)
        self._no_card.setVisible(reading is not None and not reading.card)
        if known:
            limit = reading.slowdown_at if reading is not None else None
            self.temperatures.show_temperatures(line.x, line.y, limit)

    def _drop(self) -> None:
        if self._thread is not None:
            self._thread.let_go()
            self._thread.deleteLater()
            self._thread = None

    def shut_down(self) -> None:
        """Stop following; the training itself goes on."""
        self._redraw.stop()
        self._drop()


def _card(*widgets: QWidget) -> QFrame:
    frame = QFrame()
    set_look(frame, card="true")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(Space.MEDIUM, Space.MEDIUM, Space.MEDIUM, Space.MEDIUM)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return frame
