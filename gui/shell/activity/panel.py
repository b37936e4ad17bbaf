"""The rows at the side: one for each thing that is under way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QSizePolicy, QWidget

from core.language import N_, _, number
from core.wizard import Step
from gui.jobs.under_way import Work
from gui.kit.boxes import hbox, vbox
from gui.kit.labels import label, set_look, set_tip
from gui.kit.look.sizes import Space
from gui.shell.activity.watch import Activity

_PARTS = 1000
_FRAME = 2  # pixels
IDLE = N_("Nothing is running.")


class ActivityRow(QPushButton):
    """What it is, how far it is, a bar; a click goes there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("activityRow")
        self._name = self._figure = ""
        self._narrow = False
        self.what = label("", "", wrap=False)
        self.figure = label("", "small", wrap=False)
        self.bar = QProgressBar()
        self.bar.setRange(0, _PARTS)
        self.bar.setAccessibleName(_("Progress"))
        self.bar.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        vbox(
            hbox(self.what, 1, self.figure, spacing=Space.SMALL),
            self.bar,
            on=self,
            margins=(Space.SMALL, 6),
            spacing=5,
        )
        for part in (self.what, self.figure, self.bar):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_narrow(self, narrow: bool) -> None:
        """Show only how far it is; its tip tells what."""
        self._narrow = narrow
        self.what.setVisible(not narrow)
        self._show_figure()

    def _show_figure(self) -> None:
        """Show the share alone where there is no room for more."""
        text = self._figure
        if self._narrow:
            metrics, room = self.figure.fontMetrics(), self.width() - 2 * (Space.SMALL + _FRAME)
            share = text.partition(" · ")[0]
            text = metrics.elidedText(share, Qt.TextElideMode.ElideRight, room)
        self.figure.setText(text)
        set_tip(self.figure, self._figure if self._narrow else "")
        self._shorten()

    def _shorten(self) -> None:
        """Leave of the name what fits beside the figure; its tip tells the whole."""
        around = 2 * Space.SMALL + Space.SMALL + 2 * _FRAME
        self.figure.ensurePolished()
        room = self.width() - around - self.figure.sizeHint().width()
        metrics = self.what.fontMetrics()
        self.what.setText(metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, room))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much of the name as there is room for now."""
        super().resizeEvent(event)
        self._show_figure()

    def sizeHint(self) -> QSize:
        """Return what the texts and the bar need; a button would only count its own text."""
        layout = self.layout()
        return layout.totalSizeHint() if layout is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the same height, however wide."""
        return QSize(1, self.sizeHint().height())

    def show_work(self, what: str, figure: str, share: float | None) -> None:
        """Show how far it is; without a share there is no bar."""
        self._name, self._figure = what, figure
        set_tip(self, what)
        set_tip(self.what, what)
        self._show_figure()
        self.bar.setVisible(share is not None)
        if share is not None:
            self.bar.setValue(round(_PARTS * share))
        self.setAccessibleName(f"{what}, {figure}" if figure else what)
        self.updateGeometry()


class ActivityPanel(QFrame):
    """Always there; says so when nothing is under way.

    Attributes:
        run_chosen: the run or the queue was clicked.
        downloads_chosen: a download was clicked.
        work_chosen: a page's job was clicked; carries the page's :class:`Step`.
        project_chosen: a run of another project was clicked; carries the project's folder.
    """

    run_chosen = Signal()
    downloads_chosen = Signal()
    work_chosen = Signal(object)
    project_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Under way"))
        self._activity = Activity()
        self._narrow = False
        self.run = ActivityRow()
        self.queue = ActivityRow()
        self.downloads: dict[str, ActivityRow] = {}
        self.work: dict[Step, ActivityRow] = {}
        self.elsewhere: dict[Path, ActivityRow] = {}
        self.idle = label(_(IDLE), "small")
        self.idle.setContentsMargins(Space.SMALL, 2, 0, 2)
        for row in (self.run, self.queue):
            row.clicked.connect(self.run_chosen)
            row.hide()
        line = QFrame()
        set_look(line, role="hairline")
        line.setFixedHeight(1)
        self._lines = vbox(
            line, self.idle, self.run, self.queue, on=self, margins=0, spacing=Space.TINY
        )

    def set_narrow(self, narrow: bool) -> None:
        """Show figures only, or what they are of as well."""
        self._narrow = narrow
        for row in (self.run, self.queue, *self._further()):
            row.set_narrow(narrow)
        self._show_idle()

    def wanted_width(self) -> int:
        """Return the width at which a share is not cut."""
        self.run.figure.ensurePolished()
        wide = self.run.figure.fontMetrics().horizontalAdvance(_("{percent:.0f}%", percent=100))
        return wide + 2 * (Space.SMALL + _FRAME) + 1

    def show_run(self, name: str, state: str, share: float | None) -> None:
        """Show the run that trains; ``""`` for none."""
        self.run.setVisible(bool(name))
        if name:
            self.run.show_work(name, state, share)
        self._show_idle()

    def _further(self) -> Iterator[ActivityRow]:
        for rows in (self.downloads, self.work, self.elsewhere):
            yield from rows.values()

    def show_activity(self, activity: Activity) -> None:
        """Show the queue, the downloads and the runs of other projects."""
        self._activity = activity
        self.queue.setVisible(activity.waiting > 0)
        if activity.waiting:
            self.queue.show_work(_("Queue"), number(activity.waiting), None)
        wanted = {one.repo: one.share for one in activity.downloads}
        for repo in [repo for repo in self.downloads if repo not in wanted]:
            self._take_out(self.downloads.pop(repo))
        for repo, share in wanted.items():
            self._row_of(repo).show_work(
                repo.rpartition("/")[2], _("{percent:.0f}%", percent=100 * share), share
            )
        running = {one.root: one.project for one in activity.elsewhere}
        for root in [root for root in self.elsewhere if root not in running]:
            self._take_out(self.elsewhere.pop(root))
        for root, project in running.items():
            text = _("Training in “{project}”", project=project)
            self._run_of(root).show_work(text, "", None)
        self._show_idle()

    def show_work(self, work: tuple[Work, ...]) -> None:
        """Show the jobs of pages."""
        busy = {one.step for one in work}
        for step in [step for step in self.work if step not in busy]:
            self._take_out(self.work.pop(step))
        for one in work:
            self._work_of(one.step).show_work(one.phase, _percent(one.share), one.share)
        self._show_idle()

    def _row_of(self, repo: str) -> ActivityRow:
        if repo not in self.downloads:
            self.downloads[repo] = self._put_in()
            self.downloads[repo].clicked.connect(self.downloads_chosen)
        return self.downloads[repo]

    def _work_of(self, step: Step) -> ActivityRow:
        if step not in self.work:
            self.work[step] = self._put_in()
            self.work[step].clicked.connect(lambda: self.work_chosen.emit(step))
        return self.work[step]

    def _run_of(self, root: Path) -> ActivityRow:
        if root not in self.elsewhere:
            self.elsewhere[root] = self._put_in()
            self.elsewhere[root].clicked.connect(lambda: self.project_chosen.emit(root))
        return self.elsewhere[root]

    def _put_in(self) -> ActivityRow:
        row = ActivityRow(self)
        row.set_narrow(self._narrow)
        self._lines.addWidget(row)
        row.show()
        return row

    def _take_out(self, row: ActivityRow) -> None:
        row.hide()
        self._lines.removeWidget(row)
        row.deleteLater()

    def _show_idle(self) -> None:
        rows = next(self._further(), None) is not None
        busy = not self.run.isHidden() or not self.queue.isHidden() or rows
        self.idle.setVisible(not busy and not self._narrow)


def _percent(share: float | None) -> str:
    return "" if share is None else _("{percent:.0f}%", percent=100 * share)
