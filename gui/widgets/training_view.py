"""Everything that the training page shows of one training; knows no job and starts nothing."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.jobs.events import Failed
from core.jobs.link import Request
from core.settings import Settings
from gui.icons import icon
from gui.remedy import Remedy
from gui.session import READ_ONLY
from gui.theme import Space
from gui.training_story import TrainingStory
from gui.widgets.awake_line import AwakeLine
from gui.widgets.health_bar import HealthBar
from gui.widgets.labels import label, set_tip
from gui.widgets.notice_list import NoticeList
from gui.widgets.phase_bar import PhaseBar
from gui.widgets.queue_panel import QueuePanel
from gui.widgets.sample_answers import SampleAnswers
from gui.widgets.training_plots import TrainingPlots
from gui.widgets.training_tiles import TrainingTiles
from gui.wording import duration

_STOP = " Stop and keep the best so far"
_NO_CARD = "No graphics card: the training runs on the processor; no temperature is available."
_UNPROTECTED = (
    "The graphics card's temperature is not available; "
    "the training goes on without heat protection."
)


class TrainingView(QWidget):
    """Verdict, progress, buttons, plots, tiles, queue, answers, notices, from top to bottom.

    Attributes:
        remedied: the button of the verdict was pressed; carries a :class:`gui.remedy.Remedy`.
    """

    remedied = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict = HealthBar()
        self.bar = PhaseBar()
        self.bar.passed.connect(self._say_passed)
        self.bar.setAccessibleName("Progress of the training")
        self.where = label("", "muted")
        self.awake = AwakeLine()
        self.pause = QPushButton(" Pause")
        self.stop = QPushButton(_STOP)
        self.stop.setIcon(icon("stop"))
        self.plots = TrainingPlots()
        self.no_card = label(_NO_CARD, "muted")
        self.no_card.hide()
        self.unprotected = label(_UNPROTECTED, "muted")
        self.unprotected.hide()
        self.tiles = TrainingTiles()
        self.answers = SampleAnswers()
        self.notices = NoticeList()
        self.queue = QueuePanel()
        self._lay_out()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.where, 1)
        buttons.addWidget(self.pause)
        buttons.addWidget(self.stop)
        content = QVBoxLayout(self)
        content.setContentsMargins(0, 0, 0, 0)
        content.setSpacing(Space.MEDIUM)
        content.addWidget(self.verdict)
        content.addWidget(self.bar)
        content.addLayout(buttons)
        below = (self.awake, self.plots, self.no_card, self.unprotected, self.tiles)
        for widget in (*below, self.queue, self.answers, self.notices):
            content.addWidget(widget)

    def show_story(
        self, story: TrainingStory, settings: Settings, *, running: bool, remedy: Remedy | None
    ) -> None:
        """Show the story as it is now; ``running`` says whether its job is followed."""
        self._show_verdict(story, remedy)
        self._show_progress(story)
        self.plots.show_story(story)
        reading = story.telemetry
        self.no_card.setVisible(reading is not None and not reading.on_card)
        self.unprotected.setVisible(story.is_unprotected())
        self.awake.show_notice(story.awake, running=running)
        self.tiles.show_story(story, settings)
        self.answers.show_answers(story.answers)
        self.notices.show_notices(story.notices)

    def _show_verdict(self, story: TrainingStory, remedy: Remedy | None) -> None:
        tone, text = story.verdict()
        details = story.ending.details if isinstance(story.ending, Failed) else ""
        actions = ()
        if remedy is not None:
            actions = ((remedy.label, lambda: self.remedied.emit(remedy)),)
        self.verdict.show_health(tone, text, details, actions)

    def _show_progress(self, story: TrainingStory) -> None:
        busy = story.state not in ("ended", "queued", "ready", "none")
        self.bar.setVisible(story.total_steps > 0 or busy)
        if not story.total_steps:
            self._show_phase(story, busy=busy)
            return
        self.bar.show_counts("steps", story.step, story.total_steps)
        text = f"Step {story.step:,} of {story.total_steps:,} · round {story.epoch:.1f}"
        left = story.seconds_left()
        if left is not None:
            text += f" · about {duration(left)} left"
        elif story.state == "running":
            text += " · time left not measured yet"
        self.where.setText(text)

    def _show_phase(self, story: TrainingStory, *, busy: bool) -> None:
        """Before the first step: the phase's own counts, or how long it has been going on."""
        phase = story.phase
        if not busy:
            self.bar.end()
            self.where.setText("")
        elif phase is not None and phase.total:
            self.bar.show_counts(phase.phase, phase.done, phase.total)
            self.where.setText(f"{phase.done:,} of {phase.total:,} {phase.unit}".strip())
        else:
            self.bar.begin(phase.phase if phase is not None else "Getting ready")

    def _say_passed(self, text: str) -> None:
        self.where.setText(text)

    def show_buttons(
        self, story: TrainingStory, asked: Request | None, *, running: bool, read_only: bool
    ) -> None:
        """Show what can be asked of the training, and what has been."""
        paused = running and story.state == "paused"
        waits, stopping = asked is Request.PAUSE and not paused, asked is Request.STOP
        self.pause.setText(" Resume" if paused else " Pausing …" if waits else " Pause")
        self.pause.setIcon(icon("play" if paused else "pause"))
        self.pause.setVisible(running)
        self.pause.setEnabled(not (stopping or read_only))  # waiting, it keeps the keyboard
        self.stop.setText(" Stopping …" if stopping else _STOP)
        self.stop.setVisible(running)
        self.stop.setEnabled(not (stopping or read_only or story.state == "waiting"))
        for button in (self.pause, self.stop):
            set_tip(button, READ_ONLY if read_only else "")

    def shut_down(self) -> None:
        """Wait for what is being read or written."""
        self.plots.shut_down()
