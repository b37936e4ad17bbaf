"""The examples that the health check points at, read beside the window's thread and shown."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.data.dataset import DatasetVersion
from core.data.example import Example
from core.errors import UserFacingError
from core.jobs.spec import training_params
from core.project import Project, RunFolder
from gui.jobs.task_thread import Tasks
from gui.wizard.page import Page


@dataclass(frozen=True, slots=True)
class Rejection:
    """Examples of a dataset version, in this folder, that the user does not want."""

    version: Path
    examples: list[Example]


class Outliers(QObject):
    """Opens a dialog over ``page`` with some of a run's examples.

    Attributes:
        rejected: the user wants to train without some of them; carries a ``Rejection``.
    """

    rejected = Signal(object)

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self._tasks = Tasks(page)

    def show(self, project: Project, run: RunFolder, rows: tuple[int, ...]) -> None:
        """Read the examples with these indices of the training part, then show them."""
        try:
            version = project.version_folder(training_params(run).dataset_version)
        except UserFacingError as error:
            self._page.failed.emit(error)
            return
        self._tasks.start(
            "examples",
            lambda: trained_examples(version, rows),
            lambda examples: self._open(version, examples),
            self._page.failed.emit,
        )

    def _open(self, version: Path, examples: list[Example]) -> None:
        from gui.rows.outliers_dialog import OutliersDialog

        dialog = OutliersDialog(examples, running=self._page.is_busy(), parent=self._page)
        dialog.left_out.connect(lambda some: self.rejected.emit(Rejection(version, some)))
        dialog.open()

    def shut_down(self) -> None:
        """Wait for what is being read."""
        self._tasks.shut_down()


def trained_examples(version: Path, rows: tuple[int, ...]) -> list[Example]:
    """Return the examples with these indices among those trained on, in file order.

    Raises:
        UserFacingError: the dataset version is gone or damaged.
    """
    wanted = set(rows)
    every = islice(DatasetVersion.load(version).examples("train"), max(wanted) + 1)
    return [example for index, example in enumerate(every) if index in wanted]
