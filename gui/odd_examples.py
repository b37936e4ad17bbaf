"""The examples that the training's judge points at, read beside the window's thread and shown."""

from __future__ import annotations

from itertools import islice

from core.data.dataset import DatasetVersion
from core.data.example import Example
from core.files import read_json
from core.project import Project, RunFolder
from gui.pages.page import Page
from gui.task_thread import Tasks


class OddExamples:
    """Opens a dialog over ``page`` with some of a training's examples."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._tasks = Tasks(page)

    def show(self, project: Project, run: RunFolder, rows: tuple[int, ...]) -> None:
        """Read the examples with these indices of the training part, then show them."""
        self._tasks.start(
            "examples",
            lambda: trained_examples(project, run, rows),
            self._open,
            self._page.failed.emit,
        )

    def _open(self, examples: list[Example]) -> None:
        from gui.widgets.odd_examples_dialog import OddExamplesDialog

        OddExamplesDialog(examples, self._page).open()

    def shut_down(self) -> None:
        """Wait for what is being read."""
        self._tasks.shut_down()


def trained_examples(project: Project, run: RunFolder, rows: tuple[int, ...]) -> list[Example]:
    """Return the examples with these indices among those that ``run`` trains on, in file order.

    Raises:
        UserFacingError: the dataset version is gone or damaged.
    """
    name = read_json(run.job_file)["params"]["dataset_version"]
    version = DatasetVersion.load(project.versions / name)
    wanted = set(rows)
    every = islice(version.examples("train"), max(wanted) + 1)
    return [example for index, example in enumerate(every) if index in wanted]
