"""Which base model asks: the project's own, the sample model, or another on this computer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from core.errors import UserFacingError
from core.language import _
from core.models.hub.local import LocalModel, find_local
from core.models.sample import MODEL_NAME, sample_model_folder
from core.models.whereabouts import find_base
from gui.jobs.task_thread import Tasks
from gui.kit.fields.dropdown import Dropdown
from gui.wizard.session import Session


class ModelChoice(Dropdown):
    """Looks at the disk beside the window's thread."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__()
        self.setAccessibleName(_("Base model that asks"))
        self._own = _own_base(session)
        self._tasks = Tasks(parent)
        self._fill([])
        self._tasks.start("models", find_local, self._fill, lambda _error: None)

    def folder(self) -> Path:
        """Return the chosen model's folder."""
        return Path(self.currentData())

    def is_looking(self) -> bool:
        """Return whether the look at the disk has not ended yet."""
        return self._tasks.is_running("models")

    def shut_down(self) -> None:
        """Wait for the look at the disk."""
        self._tasks.shut_down()

    def _fill(self, models: Sequence[LocalModel]) -> None:
        named: dict[Path, str] = {}
        if self._own is not None:
            named[self._own] = self._own.name
        for model in models:
            if not model.why_not:
                named.setdefault(model.folder, model.name)
        named.setdefault(sample_model_folder(), MODEL_NAME)  # made when it is needed
        chosen = self.currentData()
        self.clear()
        for folder, name in named.items():
            self.addItem(name, str(folder))
        self.setCurrentIndex(max(0, self.findData(chosen)))


def _own_base(session: Session) -> Path | None:
    chosen = session.state.base_model
    if not chosen:
        return None
    try:
        return find_base(session.require_project(), chosen)
    except UserFacingError:
        return None
