"""One fine-tune in the library."""

from __future__ import annotations

from core import language
from core.hardware.system.energy import cost, kilowatt_hours, money
from core.language import _
from core.library.shelf import Kept
from core.settings import Settings
from core.wording import duration, gigabytes
from gui.kit.cards.choice_card import ChoiceCard
from gui.kit.labels import label, set_look

_MOST_PLACES = 3


class FineTuneCard(ChoiceCard):
    """Its name, what its comparison found, where it was saved and what it took."""

    def __init__(self, kept: Kept, settings: Settings) -> None:
        verdict = kept.verdict or _("Not compared with its base model yet.")
        super().__init__(kept.name, verdict)
        self.kept = kept
        self.origin = label(" · ".join(_origin(kept)), "small")
        self.took = label(" · ".join(_took(kept, settings)), "small")
        set_look(self._text, role="")  # here, the sentence is what matters
        self.places = label("\n".join(_places(kept)), "muted")
        self.notes = label(kept.about.notes)
        if not kept.about.notes:
            self.notes.hide()
        self.rated = label(_("Blind rating: {verdict}", verdict=kept.rated))
        if not kept.rated:
            self.rated.hide()
        self._describe(verdict)
        if kept.about.archived:
            self.set_badge(_("Archived"))

    def _describe(self, verdict: str) -> None:
        lines = (self.rated, self.places, self.notes, self.origin, self.took)
        for line in lines:
            self.body.addWidget(line)
        said = (verdict, *(line.text() for line in lines if not line.isHidden()))
        self.button.setAccessibleDescription(" ".join(text for text in said if text))


def _origin(kept: Kept) -> list[str]:
    tune = kept.tune
    found = [tune.project.name, tune.base_model.name]
    if kept.finished is not None:
        found.append(language.date(kept.finished))
    return found


def _took(kept: Kept, settings: Settings) -> list[str]:
    tune = kept.tune
    found = [
        duration(tune.seconds),
    ]
    used = tune.energy.whole(settings.extra_watts) if tune.energy else None
    if used is not None:
        found += [kilowatt_hours(used), money(cost(used, settings.tariff), settings.currency)]
    return [*found, _("{size} on disk", size=gigabytes(kept.size))]


def _places(kept: Kept) -> list[str]:
    if not kept.saved:
        return [_("Not saved to a folder yet.")]
    return [
        _("{form} saved in {folder}", form=one.choice.title, folder=str(one.folder))
        for one in kept.saved[:_MOST_PLACES]
    ]
