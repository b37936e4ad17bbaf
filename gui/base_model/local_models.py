"""Models that other programs keep on this computer, offered without a copy."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.language import _, ngettext
from core.models.hub.local import LocalModel
from core.wording import gigabytes
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import label, selectable, set_look, set_tip, stacked
from gui.kit.theme import Space

_MOST = 40


class LocalModels(QFrame):
    """Hidden while there are none besides those that are cards already.

    Attributes:
        wanted: use it where it is; carries its folder.
    """

    wanted = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.models: Sequence[LocalModel] = ()
        self.buttons: dict[Path, QPushButton] = {}
        self._shown: list[LocalModel] = []
        self._lines = vbox(spacing=Space.SMALL)
        vbox(
            label(_("Also on this computer"), "heading"),
            label(_("They are used where they are, without a copy."), "muted"),
            self._lines,
            on=self,
            margins=Space.CARD,
        )
        self.hide()

    def show_without(self, cards: Collection[Path]) -> None:
        """List the models that are no cards yet, those that can be trained first."""
        others = [model for model in self.models if model.folder not in cards]
        others.sort(key=lambda model: bool(model.why_not))
        if others == self._shown:
            return
        self._shown = others
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = {}
        for model in others[:_MOST]:
            self._lines.addWidget(self._line(model))
        if more := others[_MOST:]:
            text = ngettext("{count:,} more is not listed.", "{count:,} more are not listed.",
                            len(more))  # fmt: skip
            self._lines.addWidget(label(text, "muted"))
        self.setVisible(bool(others))

    def _line(self, model: LocalModel) -> QWidget:
        line = QWidget()
        size = gigabytes(model.size)
        # Translators: 8.1 GB, in LM Studio
        where = label(_("{size}, in {program}", size=size, program=model.source), "muted")
        set_tip(where, str(model.folder))
        texts = [selectable(model.name), where]
        if model.why_not:
            texts.append(label(model.why_not, tone="warning"))
        text = stacked(*texts)
        row = Flow(text, stretch=text)
        line.setLayout(row)
        if not model.why_not:
            button = QPushButton(_("Use {model}", model=model.name))
            button.setAccessibleDescription(str(model.folder))
            button.clicked.connect(lambda: self.wanted.emit(model.folder))
            row.addWidget(button)
            self.buttons[model.folder] = button
        return line
