"""What a download would bring, to be agreed to before its first byte."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.language import _
from core.models.hub.offer import Offer
from core.planning.memory import Badge
from core.wording import gigabytes
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import announce, label, selectable, set_look, show_badge
from gui.kit.theme import BADGE_TONES, Space


class OfferPanel(QFrame):
    """Hidden until there is an offer.

    Attributes:
        accepted: download it; carries the ``Offer``.
        declined: do not.
    """

    accepted = Signal(object)
    declined = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="neutral")
        self.offer: Offer | None = None
        self._name = label("", "heading")
        self._badge = label("", wrap=False)
        self.facts = selectable()
        self.download = QPushButton()
        self.download.setIcon(icon("down"))
        self.download.clicked.connect(self._accept)
        self.cancel = QPushButton(_("Cancel"))
        self.cancel.clicked.connect(self._decline)
        vbox(
            Flow(self._name, self._badge, stretch=self._name, letters=60),
            self.facts,
            Flow(self.download, self.cancel),
            on=self,
            margins=Space.CARD,
            spacing=Space.SMALL,
        )
        self.hide()

    def show_offer(self, offer: Offer, badge: Badge, lines: Sequence[str]) -> None:
        """Show size, licence, fit and disk."""
        self.offer = offer
        self._name.setText(offer.listing.repo)
        show_badge(self._badge, badge.title, BADGE_TONES[badge.level])
        self.facts.setText("\n".join(lines))
        self.download.setText(f" {_('Download {size}', size=gigabytes(offer.listing.size))}")
        self.show()
        announce(self, self.facts.text())

    def _accept(self) -> None:
        offer = self.offer
        self.hide()
        if offer is not None:
            self.accepted.emit(offer)

    def _decline(self) -> None:
        self.hide()
        self.declined.emit()
