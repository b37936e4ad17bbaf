"""What is recorded, in figures, and whether anything is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QPushButton, QWidget

from core import language
from core.language import _, ngettext
from core.serving.use.record import Counts, RecordSettings
from gui.daily_use.latency_plot import LatencyPlot
from gui.kit.boxes import vbox
from gui.kit.fields.number_field import NumberField
from gui.kit.flow import Flow
from gui.kit.labels import label, set_look, stacked
from gui.kit.theme import Space
from gui.kit.value_table import table_button

_MOST_CHARACTERS = 20_000


class RecordCard(QFrame):
    """Counts, a plot, and the switch.

    Attributes:
        changed: other settings are wished (``RecordSettings``).
        forget_asked: everything recorded is to be deleted.
    """

    changed = Signal(object)
    forget_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.on = QCheckBox(_("Record what is asked"))
        self.on.clicked.connect(lambda _on=False: self._tell())
        self.characters = NumberField()
        self.characters.setRange(0, _MOST_CHARACTERS)
        self.characters.setSingleStep(100)
        self.characters.setSuffix(f" {_('characters')}")
        self.characters.setSpecialValueText(_("no text, only figures"))
        self.characters.setKeyboardTracking(False)
        self.characters.setAccessibleName(_("How much of each question"))
        self.characters.valueChanged.connect(lambda _value: self._tell())
        self.forget = QPushButton(_("Delete the record"))
        self.forget.clicked.connect(self.forget_asked)
        self.figures = {name: label("–", "figure", wrap=False) for name in _captions()}
        self.plot = LatencyPlot()
        self.table = table_button(self.plot.values, newest_last=True)
        self._recorded = QWidget()
        self._lay_out()
        self.show_record(None, ())

    def _lay_out(self) -> None:
        captions = _captions()
        tiles = [
            stacked(label(captions[name], "small", wrap=False), figure)
            for name, figure in self.figures.items()
        ]
        caption = label(_("Time of each answer"), "small")
        vbox(
            Flow(*tiles, spacing=Space.LARGE),
            Flow(caption, self.table, stretch=caption),
            self.plot,
            on=self._recorded,
            margins=0,
            spacing=Space.MEDIUM,
        )
        self.empty = label(
            _("Nothing is recorded yet. Questions from the chat and from the server appear here."),
            "muted",
        )
        room = stacked(label(_("How much of each question"), "small"), self.characters)
        vbox(
            label(_("Record of use"), "heading"),
            self.empty,
            self._recorded,
            Flow(self.on),
            label(_("It stays in this project on this computer."), "small"),
            Flow(room, self.forget, spacing=Space.LARGE),
            on=self,
            margins=Space.LARGE,
            spacing=Space.SMALL,
        )

    def show_settings(self, settings: RecordSettings) -> None:
        """Show what is recorded from now on."""
        blocked = self.characters.blockSignals(True)
        self.on.setChecked(settings.on)
        self.characters.setValue(settings.characters)
        self.characters.setEnabled(settings.on)
        self.characters.blockSignals(blocked)

    def show_record(self, counts: Counts | None, times: Sequence[tuple[float, float]]) -> None:
        """Show what was recorded so far; ``None`` for nothing."""
        some = counts is not None and counts.requests > 0
        self._recorded.setVisible(some)
        self.empty.setVisible(not some)
        self.forget.setVisible(some)
        if counts is None or not some:
            return
        self.plot.show_times(times)
        shown = {
            "answers": language.number(counts.requests),
            "median": _seconds(counts.median_seconds),
            "first": _seconds(counts.median_first_token),
            "tokens": language.number(counts.tokens),
            "reviewed": language.number(counts.right + counts.wrong + counts.edited),
        }
        for name, text in shown.items():
            self.figures[name].setText(text)

    def _tell(self) -> None:
        self.changed.emit(
            RecordSettings(on=self.on.isChecked(), characters=self.characters.value())
        )


def _captions() -> dict[str, str]:
    return {
        "answers": _("Answers"),
        "median": _("Usual time"),
        "first": _("First word after"),
        "tokens": _("Tokens"),
        "reviewed": _("Judged"),
    }


def _seconds(value: float | None) -> str:
    return "–" if value is None else _("{seconds:.1f} s", seconds=value)


def learned_in_words(added: int, held_out: int, known: int) -> str:
    """Say what became of the reviewed answers."""
    parts = [
        ngettext(
            "{count:,} example was added. Train again to learn from it.",
            "{count:,} examples were added. Train again to learn from them.",
            added,
        )
        if added
        else _("No example was added.")
    ]
    if held_out:
        parts.append(
            ngettext(
                "{count:,} resembles a held-out example and was left out.",
                "{count:,} resemble held-out examples and were left out.",
                held_out,
            )
        )
    if known:
        parts.append(
            ngettext("{count:,} was known already.", "{count:,} were known already.", known)
        )
    return " ".join(parts)
