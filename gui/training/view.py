"""Everything the training page shows of one run; knows no job and starts nothing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.events import Failed, Progress
from core.jobs.link import Request
from core.language import N_, _
from core.settings import Settings
from core.wording import duration
from gui.jobs.phase_bar import PhaseBar
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import label, set_look, set_tip
from gui.kit.theme import Space
from gui.training.awake_line import AwakeLine
from gui.training.charts.plots import TrainingPlots
from gui.training.headline import Headline
from gui.training.health_bar import HealthBar
from gui.training.notice_list import NoticeList
from gui.training.queue.panel import QueuePanel
from gui.training.sample_answers import SampleAnswers
from gui.training.suggested_action import SuggestedAction
from gui.training.tiles import TrainingTiles
from gui.training.view_model import TrainingViewModel
from gui.wizard.session import READ_ONLY

_STOP = N_("Stop and keep the best so far")
_NO_CARD = N_("No graphics card: training runs on the processor, and no temperature is available.")
_UNPROTECTED = N_(
    "The graphics card's temperature is not available. Training continues without heat protection."
)


class TrainingView(QWidget):
    """Verdict, progress, buttons, plots, tiles, queue, answers, notices, from top to bottom.

    Attributes:
        action_wanted: the button of the verdict was pressed; carries a
            :class:`gui.training.suggested_action.SuggestedAction`.
    """

    action_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict = HealthBar()
        self.bar = PhaseBar()
        self.bar.passed.connect(self._say_passed)
        self.bar.setAccessibleName(_("Progress of the run"))
        self.headline = Headline()
        self.where = label("", "muted")
        self.awake = AwakeLine()
        self.pause = QPushButton(" " + _("Pause"))
        self.stop = QPushButton(" " + _(_STOP))
        self.stop.setIcon(icon("stop"))
        self.plots = TrainingPlots()
        self.no_card = label(_(_NO_CARD), "muted")
        self.no_card.hide()
        self.unprotected = label(_(_UNPROTECTED), "muted")
        self.unprotected.hide()
        self.tiles = TrainingTiles()
        self.answers = SampleAnswers()
        self.notices = NoticeList()
        self.queue = QueuePanel()
        self._lay_out()

    def _lay_out(self) -> None:
        buttons = Flow(self.where, self.pause, self.stop, stretch=self.where)
        frame = QFrame()
        set_look(frame, card="true")
        vbox(self.headline, self.bar, buttons, on=frame, margins=Space.CARD, spacing=Space.MEDIUM)
        content = vbox(self.verdict, frame, on=self, margins=0, spacing=Space.MEDIUM)
        below = (self.awake, self.plots, self.no_card, self.unprotected, self.tiles)
        for widget in (*below, self.queue, self.answers, self.notices):
            content.addWidget(widget)

    def show_story(
        self,
        view_model: TrainingViewModel,
        settings: Settings,
        *,
        running: bool,
        suggested_action: SuggestedAction | None,
    ) -> None:
        """Show the run as it is now; ``running`` says whether its job is followed."""
        self._show_verdict(view_model, suggested_action)
        self.headline.show_story(view_model, settings)
        self._show_progress(view_model)
        self.plots.setVisible(len(view_model.raw) > 0)  # no axes before there is something
        self.plots.show_story(view_model)
        self.plots.updateGeometry()  # a legend that came with the first values needs room
        reading = view_model.telemetry
        self.no_card.setVisible(reading is not None and not reading.on_card)
        self.unprotected.setVisible(view_model.is_unprotected())
        self.awake.show_notice(view_model.awake, running=running)
        self.tiles.show_story(view_model, settings)
        self.answers.show_answers(view_model.answers)
        self.notices.show_notices(view_model.notices)

    def _show_verdict(
        self, view_model: TrainingViewModel, suggested_action: SuggestedAction | None
    ) -> None:
        tone, text = view_model.verdict()
        details = view_model.ending.details if isinstance(view_model.ending, Failed) else ""
        actions: tuple[tuple[str, Callable[[], None]], ...] = ()
        if suggested_action is not None:
            actions = ((suggested_action.label, lambda: self.action_wanted.emit(suggested_action)),)
        word = _("Paused") if view_model.state == "paused" and view_model.ending is None else ""
        self.verdict.show_health(tone, text, details, actions, word)

    def _show_progress(self, view_model: TrainingViewModel) -> None:
        busy = view_model.state not in ("ended", "queued", "ready", "none")
        self.bar.setVisible(view_model.total_steps > 0 or busy)
        if not view_model.total_steps:
            self._show_phase(view_model, busy=busy)
            return
        self.bar.show_counts("steps", view_model.step, view_model.total_steps)
        self.where.setText(_where(view_model))

    def _show_phase(self, view_model: TrainingViewModel, *, busy: bool) -> None:
        """Before the first step: the phase's own counts, or how long it has taken so far."""
        phase = view_model.phase
        if not busy:
            self.bar.end()
            self.where.setText("")
        elif phase is not None and phase.total:
            self.bar.show_counts(phase.phase, phase.done, phase.total)
            self.where.setText(_counts(phase))
        else:
            self.bar.begin(phase.phase if phase is not None else _("Getting ready"))

    def _say_passed(self, text: str) -> None:
        self.where.setText(text)

    def show_buttons(
        self,
        view_model: TrainingViewModel,
        asked: Request | None,
        *,
        running: bool,
        read_only: bool,
    ) -> None:
        """Show what can be asked of the run, and what has been."""
        paused = running and view_model.state == "paused"
        waits, stopping = asked is Request.PAUSE and not paused, asked is Request.STOP
        pause = _("Pausing …") if waits else _("Pause")
        self.pause.setText(" " + (_("Resume") if paused else pause))
        self.pause.setIcon(icon("play" if paused else "pause"))
        self.pause.setVisible(running)
        self.pause.setEnabled(not (stopping or read_only))  # waiting, it keeps the keyboard
        self.stop.setText(" " + (_("Stopping …") if stopping else _(_STOP)))
        self.stop.setVisible(running)
        self.stop.setEnabled(not (stopping or read_only or view_model.state == "waiting"))
        for button in (self.pause, self.stop):
            set_tip(button, _(READ_ONLY) if read_only else "")

    def shut_down(self) -> None:
        """Wait for what is being read or written."""
        self.plots.shut_down()


def _where(view_model: TrainingViewModel) -> str:
    where = _(
        "Step {step:,} of {total:,} · epoch {round:.1f}",
        step=view_model.step,
        total=view_model.total_steps,
        round=view_model.epoch,
    )
    left = view_model.seconds_left()
    if left is not None:
        return f"{where} · {_('about {time} left', time=duration(left))}"
    if view_model.state == "running":
        return f"{where} · {_('time left not measured yet')}"
    return where


def _counts(phase: Progress) -> str:
    if not phase.unit:
        return _("{done:,} of {total:,}", done=phase.done, total=phase.total)
    # Translators: {unit} is a plural like "examples".
    return _("{done:,} of {total:,} {unit}", done=phase.done, total=phase.total, unit=phase.unit)
