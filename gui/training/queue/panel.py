"""The queue on the training page: what waits, runs and has ended, and how long it will take."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from core.hardware.system.energy import Range, cost_range, covers, money_range
from core.jobs.status import RunState
from core.language import N_, _, ngettext
from core.planning.estimate import duration_text
from core.queue.entries import QueueEntry, QueueItem, Total, total
from core.settings import Settings
from gui.kit.boxes import hbox, vbox
from gui.kit.flow import Flow
from gui.kit.icons import icon, pixmap
from gui.kit.labels import label, set_look, set_tip
from gui.kit.theme import Space, Tone, colors
from gui.kit.tool_button import tool_button
from gui.training.queue.watch import QueueView

_STATES: dict[RunState, tuple[str, Tone, str]] = {
    RunState.WAITING: ("waiting", "neutral", N_("waiting")),
    RunState.RUNNING: ("play", "neutral", N_("running now")),
    RunState.DONE: ("good", "good", N_("done")),
    RunState.STOPPED: ("stop", "warning", N_("stopped; the best version is kept")),
    RunState.FAILED: ("problem", "problem", N_("failed")),
    RunState.INTERRUPTED: (
        "warning",
        "warning",
        N_("interrupted; resumes when the queue starts"),
    ),
}


class QueuePanel(QFrame):
    """Hidden while the queue is empty.

    Attributes:
        moved: a run is to change places; its name and -1 or 1.
        removed: a run is to leave the queue; its name.
        put_back: the last one removed is to come back.
        shown: you want to see a run; its name.
        started: the queue is to start.
        stopped: the queue is to stop after the present run.
    """

    moved = Signal(str, int)
    removed = Signal(str)
    put_back = Signal()
    shown = Signal(str)
    started = Signal()
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self._drawn: object = None
        self._read_only = ""
        self._total = label("", "muted")
        self.start = QPushButton(" " + _("Start the queue"))
        self.start.setIcon(icon("play"))
        self.start.clicked.connect(self.started)
        self.stop = QPushButton(_("Stop after this run"))
        self.stop.clicked.connect(self.stopped)
        self.rows: dict[str, QueueRow] = {}
        self._places: list[str] = []  # as they were drawn before
        self._rows = vbox(spacing=Space.TINY)
        title = label(_("Queue"), "heading", wrap=False)
        head = Flow(title, self._total, self.start, self.stop, stretch=self._total)
        vbox(head, self._rows, self._undo_line(), on=self, margins=Space.CARD, spacing=Space.SMALL)
        self.hide()

    def _undo_line(self) -> QHBoxLayout:
        self._gone = label("", "muted")
        self.undo = QPushButton(" " + _("Put it back"))
        self.undo.setIcon(icon("undo"))
        self.undo.clicked.connect(self.put_back)
        return hbox((self._gone, 1), self.undo)

    def show_queue(
        self, view: QueueView, current: str, settings: Settings, read_only: str = ""
    ) -> None:
        """Show the queue; ``current`` is the run that the page shows.

        ``read_only`` says why nothing can be changed here.
        """
        drawn = (view, current, settings, read_only)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self._total.setText(_total_text(view.entries, settings))
        waiting = any(_may_begin(entry) for entry in view.entries)
        self.start.setVisible(not view.live and waiting)
        self.stop.setVisible(view.live)
        self._fill(view.entries, current, settings)
        self._gone.setText(_("“{title}” was removed from the queue.", title=view.removed))
        for widget in (self._gone, self.undo):
            widget.setVisible(bool(view.removed))
        self._set_read_only(read_only)
        self._total.setVisible(bool(view.entries))
        self.setVisible(bool(view.entries or view.removed))

    def _fill(self, entries: Sequence[QueueEntry], current: str, settings: Settings) -> None:
        focused, self._places = self._focused(), list(self.rows)
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        waiting = [e.item.run for e in entries if e.state is RunState.WAITING]
        self.rows = {}
        for entry in entries:
            row = QueueRow(entry, settings, shown=entry.item.run == current)
            name = entry.item.run
            row.up.setEnabled(name in waiting[1:])
            row.down.setEnabled(name in waiting[:-1])
            row.up.clicked.connect(lambda _=False, name=name: self.moved.emit(name, -1))
            row.down.clicked.connect(lambda _=False, name=name: self.moved.emit(name, 1))
            row.remove.clicked.connect(lambda _=False, name=name: self.removed.emit(name))
            row.show_run.clicked.connect(lambda _=False, name=name: self.shown.emit(name))
            self.rows[name] = row
            self._rows.addWidget(row)
        self._focus_again(*focused)

    def _focused(self) -> tuple[str, str]:
        for name, row in self.rows.items():
            for button in ("up", "down", "remove", "show_run"):
                if getattr(row, button).hasFocus():
                    return name, button
        return "", ""

    def _focus_again(self, name: str, button: str) -> None:
        """The keyboard stays on the run that was moved, or near the one that was removed."""
        if not name or not self.rows:
            return
        row = self.rows.get(name)
        if row is None:
            place = min(self._places.index(name), len(self.rows) - 1)
            row = list(self.rows.values())[place]
        wanted = [getattr(row, button), row.up, row.down, row.remove]
        next((w for w in wanted if w.isEnabled()), row.remove).setFocus()

    def _set_read_only(self, why: str) -> None:
        writing: list[QAbstractButton] = [self.start, self.stop, self.undo]
        for row in self.rows.values():
            writing += [row.up, row.down, row.remove]
        for button in writing:
            if why:
                button.setEnabled(False)
                set_tip(button, why)
        if not why:
            for button in (self.start, self.stop, self.undo):
                button.setEnabled(True)


class QueueRow(QWidget):
    """One run in the queue."""

    def __init__(self, entry: QueueEntry, settings: Settings, *, shown: bool) -> None:
        super().__init__()
        picture, tone, state = _STATES[entry.state]
        word = _(state)
        title = entry.item.title
        sign = QLabel()
        sign.setPixmap(pixmap(picture, colors().of(tone), 18))
        forecast = _forecast(entry.item, settings)
        self.up = tool_button("up", _("Move “{title}” up", title=title))
        self.down = tool_button("down", _("Move “{title}” down", title=title))
        self.remove = tool_button("close", _("Remove “{title}” from the queue", title=title))
        self.remove.setEnabled(entry.state is not RunState.RUNNING)
        self.show_run = QPushButton(_("Shown above") if shown else _("Show"))
        self.show_run.setProperty("kind", "mark")
        self.show_run.setAccessibleName(_("Show “{title}”", title=title))
        self.show_run.setEnabled(not shown)
        texts = vbox(
            label(f"{title} ({entry.item.run})"), label(f"{word} · {forecast}", "small"), spacing=0
        )
        hbox(
            (sign, 0, Qt.AlignmentFlag.AlignTop),
            (texts, 1),
            self.show_run,
            self.up,
            self.down,
            self.remove,
            on=self,
            margins=0,
            spacing=Space.SMALL,
        )
        self.setAccessibleName(f"{title}: {word}, {forecast}")


def _may_begin(entry: QueueEntry) -> bool:
    return entry.state in (RunState.WAITING, RunState.INTERRUPTED)


def _forecast(item: QueueItem, settings: Settings) -> str:
    joules = Range(*item.joules) if item.joules else None
    return _takes(Total(1, Range(*item.seconds), joules), settings)


def _takes(found: Total, settings: Settings) -> str:
    time = duration_text(found.seconds)
    if found.joules is None:
        return time
    price = money_range(cost_range(found.joules, settings.tariff), settings.currency)
    return f"{time}, {price}"


def _total_text(entries: Sequence[QueueEntry], settings: Settings) -> str:
    whole, ahead = total(entries), total(entries, to_come=True)
    said: list[str] = [
        ngettext(
            "{count:,} run, {takes} in all.",
            "{count:,} runs, {takes} in all.",
            whole.count,
            takes=_takes(whole, settings),
        )
    ]
    if not ahead.count:
        said.append(_("All runs have finished."))
    elif ahead != whole:
        said.append(
            ngettext(
                "{count:,} still to run, {takes}.",
                "{count:,} still to run, {takes}.",
                ahead.count,
                takes=_takes(ahead, settings),
            )
        )
    if any(entry.item.joules for entry in entries):
        said.append(_("Cost: {scope}.", scope=covers(settings.extra_watts)))
    return " ".join(said)
