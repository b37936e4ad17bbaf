"""A plot with what belongs to it: which measure, zoom buttons, values, saving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QMenu,
    QToolButton,
    QWidget,
)

from core.language import N_, _
from core.storage.files import write_bytes
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import hbox, settle, vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.flow import Flow
from gui.kit.glossary import GlossaryButton
from gui.kit.labels import announce, label, set_look
from gui.kit.theme import Space
from gui.kit.tool_button import tool_button
from gui.kit.value_table import ValueTable
from gui.training.charts.chart import Chart
from gui.training.charts.export import ask_where, picture_of, table_of
from gui.training.charts.legend import ChartLegend
from gui.training.charts.measures import Measure, Trace, bands_of, in_words, traces_of, values_at
from gui.training.charts.value_table import values_of
from gui.training.view_model import TrainingViewModel

_HOW = N_("Point at a line or press ← → for values. Drag, or press + or −, to zoom.")
_LINES = 2  # the values have their room before they are shown: the page must not jump


class _Row(QWidget):
    """Widgets beside each other that stay together."""

    def __init__(self) -> None:
        super().__init__()
        self.row = hbox(on=self, margins=0, spacing=Space.TINY)


class ChartPanel(QFrame):
    """Shows one of its measures.

    Attributes:
        chosen: another measure was chosen; carries its key.
        saved: a file was written; carries its path.
        failed: why it could not be, a ``UserFacingError``.
    """

    chosen = Signal(str)
    saved = Signal(object)
    failed = Signal(object)

    def __init__(self, measures: Sequence[Measure], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self._measures = measures
        self._traces: list[Trace] = []
        self._tasks = Tasks(self)
        self.measure = measures[0]
        self.chart = Chart()
        self.chart.pointed.connect(self._say_values)
        self.chart.zoomed.connect(self._show_tools)
        self.legend = ChartLegend()
        self.values = label(_(_HOW), "small")
        self.values.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.pick = Dropdown()
        self.pick.setAccessibleName(_("What the plot shows"))
        for measure in measures:
            self.pick.addItem(measure.title, measure.key)
        self.pick.currentIndexChanged.connect(self._picked)
        self._lay_out()
        self._show_measure()

    def _lay_out(self) -> None:
        self._name, self._tools = _Row(), _Row()
        if len(self._measures) > 1:
            self._name.row.addWidget(self.pick)
        else:
            self._name.row.addWidget(label(self.measure.title, "heading", wrap=False))
        self._help: GlossaryButton | None = None
        self._name.row.addStretch(1)
        self.closer = tool_button("zoom-in", _("Zoom in"), self.chart.zoom_in)
        self.farther = tool_button("zoom-out", _("Zoom out"), self.chart.zoom_out)
        self.whole = tool_button("whole", _("Show the whole plot"), self.chart.zoom_reset)
        self.save = tool_button("more", _("Show as a table, or save"))
        menu = QMenu(self.save)
        menu.addAction(_("Show as a table …"), self.show_table)
        menu.addAction(_("Save as a picture (PNG) …"), self.save_picture)
        menu.addAction(_("Save the values (CSV) …"), self.save_values)
        self.save.setMenu(menu)
        self.save.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        for tool in (self.closer, self.farther, self.whole, self.save):
            self._tools.row.addWidget(tool)
        vbox(
            Flow(self._name, self._tools, stretch=self._name, letters=1),
            self.legend,
            self.chart,
            self.values,
            1,
            on=self,
            margins=(Space.MEDIUM, Space.SMALL, Space.MEDIUM, Space.MEDIUM),
            spacing=Space.TINY,
        )

    def add_tool(self, widget: QWidget) -> None:
        """Put another button before those for zooming."""
        self._tools.row.insertWidget(self._tools.row.indexOf(self.closer), widget)
        self._order_keys()

    def choose(self, key: str) -> None:
        """Show another of the measures."""
        self.pick.setCurrentIndex(self.pick.findData(key))

    def _picked(self, place: int) -> None:
        self.measure = self._measures[place]
        self._show_measure()
        self.chosen.emit(self.measure.key)

    def _show_measure(self) -> None:
        if self._help is not None:
            self._name.row.removeWidget(self._help)
            self._help.deleteLater()
        self._help = GlossaryButton(self.measure.glossary) if self.measure.glossary else None
        if self._help is not None:
            self._name.row.insertWidget(1, self._help)
        self.chart.show_measure(self.measure)
        self._show_tools()
        self._order_keys()

    def showEvent(self, event: QShowEvent) -> None:
        """Once it has its place in a window: the order is lost when a widget moves into one."""
        super().showEvent(event)
        self._order_keys()

    def _order_keys(self) -> None:
        """Let the Tab key go as the eye does: along the head, then into the plot."""
        rows = (self._name.row, self._tools.row)
        items = [row.itemAt(place) for row in rows for place in range(row.count())]
        placed = [item.widget() for item in items if item is not None]
        along: list[QWidget] = [widget for widget in placed if widget is not None]
        along.append(self.chart)
        for one, next_one in pairwise(along):
            QWidget.setTabOrder(one, next_one)

    def show_story(
        self, view_model: TrainingViewModel, others: dict[str, TrainingViewModel]
    ) -> None:
        """Draw the run as it is now; ``others`` are compared with it, by name."""
        self._traces = traces_of(self.measure, view_model, others)
        self.chart.show_bands(bands_of(self.measure, view_model))
        best = view_model.best if self.measure.unseen else None
        self.chart.show_mark(best)
        mark = _("best: step {step:,}", step=best[0]) if best else ""
        another = self.legend.show_traces(self._traces, mark)
        self.chart.show_traces(self._traces)
        lines = _LINES if len(self._traces) <= 3 else _LINES + 1
        self.values.setMinimumHeight(lines * self.values.fontMetrics().lineSpacing())
        self.chart.describe(in_words(self.measure, view_model, self._traces))
        self._show_tools()
        if another:  # the plot moves down, and the values below it
            settle()

    def _show_tools(self) -> None:
        closer = self.chart.view_range.piece is not None
        for tool in (self.farther, self.whole):
            tool.setEnabled(closer)

    def _say_values(self, x: float | None) -> None:
        if x is None:
            self.values.setText(_(_HOW))
            return
        text = values_at(self.measure, self._traces, x)
        self.values.setText(text)
        if self.chart.hasFocus():
            announce(self.chart, text)

    def show_table(self) -> None:
        """Open a table of what the plot shows now."""
        values = values_of(self.measure, self._copied())
        ValueTable(values, self, newest_last=True).open()

    def _copied(self) -> list[Trace]:
        return [Trace(t.name, t.series.copy(), t.role) for t in self._traces]

    def save_picture(self) -> None:
        """Ask for a file and save what the plot shows."""
        path = ask_where(self, "png", self.measure.title)
        if path is not None:
            self._write(path, partial(bytes, self.picture()))

    def picture(self) -> bytes:
        """Return the plot as PNG, with its legend and without the buttons."""
        return picture_of(self.measure.title, [self.legend, self.chart])

    def save_values(self) -> None:
        """Ask for a file and save every point of every line."""
        path = ask_where(self, "csv", self.measure.title)
        if path is not None:
            self._write(path, partial(table_of, self.measure, self._copied()))

    def _write(self, path: Path, content: Callable[[], bytes]) -> None:
        self._tasks.start(
            "save",
            lambda: write_bytes(path, content()),
            lambda _none: self.saved.emit(path),
            self.failed.emit,
        )

    def shut_down(self) -> None:
        """Finish writing."""
        self._tasks.shut_down()
