"""Takes a saved GGUF file into Ollama or LM Studio, beside the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.export.gguf.installed import (
    copy_to_lm_studio,
    has_ollama,
    lm_studio_folder,
)
from core.export.gguf.ollama import InOllama, take_into_ollama
from core.language import _, one_after_another
from gui.jobs.task_thread import Tasks

Action = tuple[str, Callable[[], None]]


class OtherPrograms(QObject):
    """Offers only what is on this computer, and does it only when it is pressed.

    Attributes:
        begun: carries what is being done.
        done: carries what was done, and how it is used now.
        failed: a ``UserFacingError``.
    """

    begun = Signal(str)
    done = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = Tasks(self)
        self.shut_down = self._tasks.shut_down

    def actions(self, folder: Path, name: str, tile: str = "") -> tuple[Action, ...]:
        """Return what can be done with the GGUF file in ``folder``; empty where there is none.

        Args:
            tile: the place that it was saved for, ``""`` where that is not known.
        """
        if not any(folder.glob("*.gguf")):
            return ()
        found: list[Action] = []
        if tile in ("", "ollama") and has_ollama():
            found.append((_("Create in Ollama"), partial(self._ollama, folder, name)))
        if tile in ("", "lm_studio") and lm_studio_folder() is not None:
            found.append((_("Copy to LM Studio"), partial(self._lm_studio, folder, name)))
        return tuple(found)

    def _ollama(self, folder: Path, name: str) -> None:
        self.begun.emit(_("Ollama is taking the model …"))
        self._tasks.start(
            "take", partial(take_into_ollama, folder, name), self._in_ollama, self.failed.emit
        )

    def _in_ollama(self, made: InOllama) -> None:
        use = _("It is in Ollama. To talk to it, type: ollama run {name}", name=made.name)
        self.done.emit(one_after_another([made.sentence, use]) if made.sentence else use)

    def _lm_studio(self, folder: Path, name: str) -> None:
        self.begun.emit(_("Copying to LM Studio …"))
        self._tasks.start(
            "take", partial(copy_to_lm_studio, folder, name), self._in_lm_studio, self.failed.emit
        )

    def _in_lm_studio(self, file: Path) -> None:
        self.done.emit(_("LM Studio lists it as “{name}” now.", name=file.parent.name))
