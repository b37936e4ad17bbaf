"""The other fine-tunes with which one from the library can be rated side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from core.language import _
from core.library.shelf import Kept
from gui.kit.icons import icon


class CompareMenu(QPushButton):
    """Opens their list; there is none where nothing else was asked the same questions.

    Attributes:
        picked: the run of the fine-tune to rate against.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(f" {_('Rate against …')}", parent)
        self.setIcon(icon("compare"))
        self._menu = QMenu(self)
        self.setMenu(self._menu)

    def offer(self, kept: Kept | None, shelf: Sequence[Kept]) -> bool:
        """List those of the same project and base that were compared too; say if there are any."""
        self._menu.clear()
        for other in shelf:
            if kept is not None and _comparable(kept, other):
                run = other.tune.run.name
                action = self._menu.addAction(other.name)
                action.triggered.connect(lambda _on=False, run=run: self.picked.emit(run))
        return not self._menu.isEmpty()


def _comparable(one: Kept, other: Kept) -> bool:
    mine, theirs = one.tune, other.tune
    return (
        mine.run.name != theirs.run.name
        and mine.project.root == theirs.project.root
        and mine.base_model == theirs.base_model
        and bool(one.verdict and other.verdict)
    )
