"""Which of the well-known models are listed: by fit, purpose, language, licence and size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from core.language import N_, _, language_named
from core.models.catalogue import AND_MORE, CatalogueEntry
from core.models.licence import licence_name
from core.wording import gigabytes
from gui.kit.fields.dropdown import Dropdown
from gui.kit.flow import Flow

_PURPOSES = {  # in the catalogue's words
    "everyday": N_("Everyday questions"),
    "writing": N_("Writing texts"),
    "reasoning": N_("Reasoning"),
    "code": N_("Code"),
    "languages": N_("Several languages"),
    "small hardware": N_("Small hardware"),  # not shown: the key
}
_SIZES = (1, 2, 4, 8, 16, 32)  # GB of the download


class ModelFilter(QWidget):
    """What the listed models must have in common.

    Attributes:
        changed: another choice was made.
    """

    changed = Signal()

    def __init__(self, entries: Sequence[CatalogueEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fitting = QCheckBox(_("Fits on this computer"))
        self.fitting.setEnabled(False)  # until the computer was looked at
        self.fitting.toggled.connect(self.changed)
        purposes = [(_(text), key) for key, text in _PURPOSES.items()]
        languages = Counter(name for entry in entries for name in entry.languages)
        licences = Counter(entry.licence for entry in entries)
        sizes = [(_("Up to {size}", size=gigabytes(n * 10**9)), n * 10**9) for n in _SIZES]
        self.purpose = self._choice(_("Any purpose"), purposes)
        named = [name for name, _count in languages.most_common() if name != AND_MORE]
        self.language = self._choice(
            _("Any language"), [(language_named(name), name) for name in named]
        )
        self.licence = self._choice(
            _("Any licence"), [(licence_name(one), one) for one, _n in licences.most_common()]
        )
        self.largest = self._choice(_("Any size"), sizes)
        choices = (self.purpose, self.language, self.licence, self.largest)
        self.setLayout(Flow(self.fitting, *choices, balanced=True))

    def _choice(self, anything: str, options: Iterable[tuple[str, object]]) -> Dropdown:
        choice = Dropdown()
        choice.setAccessibleName(anything)
        choice.addItem(anything, None)
        for text, value in options:
            choice.addItem(text, value)
        choice.currentIndexChanged.connect(self.changed)
        return choice

    def choose_language(self, language: str) -> None:
        """List only models that name this language; all where none does."""
        self.language.setCurrentIndex(max(0, self.language.findData(language)))

    def lets_through(self, entry: CatalogueEntry, *, fits: bool) -> bool:
        """Return whether a model is to be listed.

        Args:
            fits: on this computer.
        """
        purpose, language = self.purpose.currentData(), self.language.currentData()
        licence, size = self.licence.currentData(), self.largest.currentData()
        return (
            (fits or not self.fitting.isChecked())
            and (purpose is None or purpose in entry.purpose)
            and (language is None or language in entry.languages)
            and (licence is None or licence == entry.licence)
            and (size is None or entry.download_bytes <= size)
        )
