"""Warnings in the open: about the examples, and about values that are folded away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.planning.advice import Advice
from core.planning.explanations import EXPLANATIONS
from gui.kit.boxes import vbox
from gui.kit.message_bar import MessageBar
from gui.kit.theme import Space, Tone

_MOST = 3
_TONES: dict[str, Tone] = {"hint": "neutral", "warning": "warning", "problem": "problem"}


class AdviceList(QWidget):
    """The worst few, each with a button that follows it.

    Attributes:
        taken: the name of a value and what it should be.
    """

    taken = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: list[Advice] = []
        self.bars = [MessageBar(dismissable=False) for _ in range(_MOST)]
        vbox(*self.bars, on=self, margins=0, spacing=Space.SMALL)

    def show_advice(self, advice: Sequence[Advice]) -> None:
        """Show what would else not be seen; ``advice`` has the worst first."""
        wanted = [item for item in advice if _must_be_seen(item)][:_MOST]
        if wanted == self._shown:
            return  # nothing is said twice to a screen reader
        self._shown = wanted
        for item, bar in zip(wanted, self.bars, strict=False):
            follow = ((item.question, lambda item=item: self._take(item)),)
            actions = follow if item.suggestion is not None else ()
            bar.say(_TONES[item.level], item.text, actions=actions)
        for bar in self.bars[len(wanted) :]:
            bar.hide()
        self.setVisible(bool(wanted))

    def _take(self, item: Advice) -> None:
        self.taken.emit(item.field, item.suggestion)


def _must_be_seen(item: Advice) -> bool:
    folded = bool(item.field) and not EXPLANATIONS[item.field].common
    return not item.field or (folded and item.level != "hint")
