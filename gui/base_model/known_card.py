"""A well-known model to get: what it is good at, and what it takes on this computer."""

from __future__ import annotations

from core.language import _
from core.models.catalogue import CatalogueEntry
from core.models.licence import licence_name
from core.planning.environment import Environment
from core.planning.memory import Badge
from core.wording import gigabytes
from gui.base_model.model_card import fit_in_words
from gui.kit.boxes import vbox
from gui.kit.cards.tile import Tile
from gui.kit.flow import Flow
from gui.kit.labels import label, set_look, show_badge
from gui.kit.theme import BADGE_TONES, Space


class KnownCard(Tile):
    """A press chooses it."""

    def __init__(self, entry: CatalogueEntry) -> None:
        super().__init__()
        self.setProperty("kind", "inner")  # it lies on a card
        self.entry = entry
        self.name = label(entry.hub_id, "strong")
        self._badge = label("", wrap=False)
        self._badge.hide()
        self.fit = label(_("Checking the free memory …"), "muted")
        self.download = label(_("Download {size}", size=gigabytes(entry.download_bytes)))
        self._good_at = label(_good_at(entry))
        self._languages = label(_("Languages: {names}", names=entry.languages_in_words), "small")
        vbox(
            Flow(self.name, self._badge, stretch=self.name, letters=16),
            self._good_at,
            self._languages,
            1,
            self.download,
            self.fit,
            on=self,
            margins=Space.CARD,
            spacing=Space.TINY,
        )
        self.setAccessibleName(entry.hub_id)
        self._describe()
        self.let_the_mouse_through()

    def show_named(self, named: bool) -> None:
        """Show that this is the model which is named for getting."""
        set_look(self, chosen="yes" if named else "")
        self.setAccessibleName(
            _("{model}, chosen", model=self.name.text()) if named else self.name.text()
        )

    def show_fit(self, environment: Environment, badge: Badge) -> None:
        """Say the memory and the time that training it takes here."""
        entry = self.entry
        show_badge(self._badge, badge.title, BADGE_TONES[badge.level])
        self.fit.setText(fit_in_words(environment, badge, entry.shape, entry.model_type))
        self._describe()

    def _describe(self) -> None:
        shown = (self._badge, self._good_at, self._languages, self.download, self.fit)
        said = (one.text() for one in shown if one.text())
        self.setAccessibleDescription(" · ".join(said))


def _good_at(entry: CatalogueEntry) -> str:
    what, licence = _(entry.good_at), licence_name(entry.licence)
    if entry.gated:
        return _(
            "{what} Licence: {licence}. Accept the model's terms on the hub before you download "
            "it.",
            what=what,
            licence=licence,
        )
    return _("{what} Licence: {licence}.", what=what, licence=licence)
