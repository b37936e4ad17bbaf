"""Brings what is under way to the side of the window: behind the step, and as rows."""

from __future__ import annotations

from PySide6.QtCore import QObject

from core.library.about import called
from core.project import Project, RunFolder
from core.wizard import Step
from gui.jobs.under_way import under_way
from gui.shell.activity.panel import ActivityPanel
from gui.shell.activity.watch import Activity, ActivityWatch
from gui.shell.step_list import StepList
from gui.shell.training_news import TrainingNews


class LiveState(QObject):
    """Follows the news of the run, the queue and the downloads.

    Args:
        news: of the project's runs.
    """

    def __init__(self, news: TrainingNews, parent: QObject) -> None:
        super().__init__(parent)
        self._news = news
        self._shown: tuple[StepList, ActivityPanel] | None = None
        self._called: tuple[RunFolder | None, str] = (None, "")
        self.watcher = ActivityWatch(self)
        self.watcher.changed.connect(self._show_activity)
        news.looked.connect(self.show_run)
        under_way().changed.connect(self._show_work)
        self.watch, self.shut_down = self.watcher.watch, self.watcher.shut_down

    def show_in(self, steps: StepList, panel: ActivityPanel, project: Project | None) -> None:
        """Show everything there from now on."""
        self._shown = steps, panel
        self.show_run()
        self._show_activity(self.watcher.now)
        self._show_work()
        self.watch(project)

    def show_run(self) -> None:
        """Show how far the run is."""
        if self._shown is None:
            return
        steps, panel = self._shown
        run, live = self._news.run, self._news.live
        steps.button(Step.TRAINING).show_live(live)
        panel.show_run(self._name_of(run), live or self._news.status, self._news.share)

    def _name_of(self, run: RunFolder | None) -> str:
        """Return what the run is called, read once for each run."""
        if self._called[0] != run:
            self._called = run, called(run) if run is not None else ""
        return self._called[1]

    def _show_activity(self, activity: Activity) -> None:
        if self._shown is not None:
            self._shown[1].show_activity(activity)

    def _show_work(self) -> None:
        if self._shown is not None:
            self._shown[1].show_work(under_way().all_work())
