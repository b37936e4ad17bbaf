"""The two plots of a run, and other runs of the project drawn into them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLayout, QWidget

from core.project import Project, RunFolder
from core.queue.entries import load_queue
from gui.kit.boxes import hbox
from gui.kit.theme import Space
from gui.training.charts.compared_runs import ComparedRuns
from gui.training.charts.measures import LOSS, OTHER_MEASURES
from gui.training.charts.panel import ChartPanel
from gui.training.charts.run_picker import RunPicker
from gui.training.view_model import TrainingViewModel

_WITHOUT_CARD = "speed"


class TrainingPlots(QWidget):
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
        super().__init__(parent)
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
        self._row = row = hbox(on=self)
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # they may stand in a column
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.MEDIUM)
        row.addWidget(self.losses, 3)
        row.addWidget(self.other, 2)

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

    def minimumSizeHint(self) -> QSize:
        """They need the width of the wider one, and the height of where they stand."""
        widths = [panel.minimumSizeHint().width() for panel in (self.losses, self.other)]
        return QSize(max(widths), self._row.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the plots stand in a column where there is no room beside one another."""
        super().resizeEvent(event)
        panels = (self.losses, self.other)
        needed = sum(panel.minimumSizeHint().width() for panel in panels) + self._row.spacing()
        beside = self.width() >= needed
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if way != self._row.direction():
            self._row.setDirection(way)
            self.updateGeometry()

    def shut_down(self) -> None:
        """Wait for what is being read or written."""
        self._others.shut_down()
        for panel in (self.losses, self.other):
            panel.shut_down()
