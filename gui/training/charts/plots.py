"""The two plots of a run, and other runs of the project drawn into them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from core.project import Project, RunFolder
from core.queue.entries import load_queue
from gui.kit.side_by_side import SideBySide
from gui.training.charts.compared_runs import ComparedRuns
from gui.training.charts.measures import LOSS, OTHER_MEASURES
from gui.training.charts.panel import ChartPanel
from gui.training.charts.run_picker import RunPicker
from gui.training.view_model import TrainingViewModel

_WITHOUT_CARD = "speed"
_LETTERS = 80  # in less room, the words in the smaller plot would be cut


class TrainingPlots(SideBySide):
    """Losses at the left, one of the other measures at the right.

    Attributes:
        failed: a ``UserFacingError``.
        saved: a plot was saved; carries the path.
        compared: another run is drawn, one no longer is, or one has more to show.
    """

    failed = Signal(object)
    saved = Signal(object)
    compared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, least=_LETTERS)
        self.losses = ChartPanel((LOSS,))
        self.other = ChartPanel(OTHER_MEASURES)
        self.picker = RunPicker()
        self.losses.add_tool(self.picker)
        self._others = ComparedRuns(self)
        self._others.changed.connect(self.compared)
        self._others.failed.connect(self.failed)
        self._project: Project | None = None
        self._run: RunFolder | None = None
        self._chosen_here = False  # you chose a measure: no other one is chosen for you
        self.other.pick.activated.connect(self._keep_choice)
        self._draw_other: Callable[[], None] | None = None
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._take_turn)
        self.picker.asked.connect(self._offer)
        self.picker.picked.connect(self._load)
        for panel in (self.losses, self.other):
            panel.failed.connect(self.failed)
            panel.saved.connect(self.saved)
        self.add(self.losses, 3)
        self.add(self.other, 2)

    def _keep_choice(self) -> None:
        self._chosen_here = True

    def show_run(self, project: Project, run: RunFolder) -> None:
        """Show another run from now on."""
        self._project, self._run = project, run
        self._others.forget(run.name)
        for panel in (self.losses, self.other):
            panel.chart.zoom_reset()
        self._offer()

    def show_story(self, view_model: TrainingViewModel) -> None:
        """Draw the run as it is now."""
        reading = view_model.telemetry
        if reading is not None and not reading.on_card and not self._chosen_here:
            self.other.choose(_WITHOUT_CARD)
        others = self._others.stories
        self.losses.show_story(view_model, others)
        # In a turn of its own, so that the window is never kept waiting by two plots at once.
        self._draw_other = partial(self.other.show_story, view_model, others)
        self._turn.start()

    def _take_turn(self) -> None:
        draw, self._draw_other = self._draw_other, None
        if draw is not None:
            draw()

    def _offer(self) -> None:
        if self._project is None or self._run is None:
            return
        titles = {item.run: item.title for item in load_queue(self._project)}
        shown = self._run.name
        runs = [run.name for run in self._project.runs("train") if run.events_file.exists()]
        self.picker.offer([(name, titles.get(name, "")) for name in runs if name != shown])
        self._load()  # what is no longer offered is no longer chosen

    def _load(self) -> None:
        if self._project is not None:
            self._others.choose(self._project, self.picker.chosen)

    def shut_down(self) -> None:
        """Wait for what is being read or written."""
        self._others.shut_down()
        for panel in (self.losses, self.other):
            panel.shut_down()
