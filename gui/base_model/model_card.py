"""One base model to choose: what it is good at, its licence and size, and whether it fits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.config.training import TrainingConfig
from core.language import _, ngettext
from core.models.catalogue import CatalogueEntry, entry_named
from core.models.inspection import ModelFacts
from core.models.licence import licence_name
from core.models.shape import ModelShape
from core.planning.environment import Environment
from core.planning.memory import Badge
from core.planning.plan_text import without_fast_path
from core.wording import gigabytes
from gui.kit.cards.choice_card import ChoiceCard
from gui.kit.labels import label
from gui.kit.theme import BADGE_TONES

RANKS = {"fits": 0, "tight": 1, "unknown": 2, "wont_fit": 3}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A base model that can be used now; ``folder`` may still have to be made (the sample)."""

    folder: Path
    name: str
    shape: ModelShape
    text: str
    facts: str
    model_type: str = ""
    warning: str = ""
    packaged: bool = False
    entry: CatalogueEntry | None = None  # what is known of it, for a well-known one


def from_catalogue(entry: CatalogueEntry, folder: Path) -> Candidate:
    """Describe a model of the catalogue."""
    facts = [
        parameters_in_words(entry.shape.total_parameters),
        entry.languages_in_words,
        licence_name(entry.licence),
        _("{size}, included with this application", size=gigabytes(entry.download_bytes)),
    ]
    return Candidate(
        folder=folder,
        name=entry.name,
        shape=entry.shape,
        text=_(entry.good_at),
        facts=" · ".join(facts),
        model_type=entry.model_type,
        packaged=True,
        entry=entry,
    )


def from_folder(found: ModelFacts) -> Candidate:
    """Describe a model folder on this disk."""
    facts = [
        parameters_in_words(found.parameters),
        found.architecture,
        licence_name(found.licence),
        _("{size} on disk", size=gigabytes(found.size_bytes)),
    ]
    missing: list[str] = []
    if not found.has_chat_template:
        missing.append(
            _(
                "It has no chat template of its own, so a plain one is used and saved with the "
                "adapter."
            )
        )
    if not found.end:
        missing.append(_("It names no end-of-text token, so it may not know when to stop writing."))
    return Candidate(
        folder=found.folder,
        name=found.name,
        shape=found.shape,
        text=str(found.folder),
        facts=" · ".join(facts),
        model_type=found.model_type,
        warning=" ".join(missing),
        entry=entry_named(found.name),
    )


def parameters_in_words(count: int) -> str:
    """Return ``135 million parameters``, ``8.0 billion parameters`` or ``26,000 parameters``."""
    if count >= 1e9:
        return _("{billions:.1f} billion parameters", billions=count / 1e9)
    if count >= 1e6:
        return _("{millions:.0f} million parameters", millions=count / 1e6)
    return ngettext("{count:,} parameter", "{count:,} parameters", count)


def fit_in_words(environment: Environment, badge: Badge, shape: ModelShape, model_type: str) -> str:
    """Return the memory that a run needs and, where the badge does not say it, its time."""
    time = _("Takes {time}", time=environment.takes(shape, model_type))
    if badge.level not in ("fits", "tight") or time == badge.title:
        return badge.sentence
    return f"{badge.sentence} {time}."


class ModelCard(ChoiceCard):
    """A candidate with its badge."""

    def __init__(self, candidate: Candidate) -> None:
        super().__init__(candidate.name, candidate.text, "model")
        self.candidate = candidate
        self.level = "unknown"
        self._fit = label(_("Checking the free memory …"), "muted")
        self.body.addWidget(label(candidate.facts))
        self._slow = without_fast_path(TrainingConfig(), candidate.model_type)
        if self._slow:
            self.body.addWidget(label(self._slow))
        if candidate.warning:
            self.body.addWidget(label(candidate.warning, tone="warning"))
        self.body.addWidget(self._fit)

    def show_fit(self, environment: Environment) -> None:
        """Show whether the model fits, with the numbers."""
        badge = environment.badge(self.candidate.shape, self.candidate.model_type)
        self.level = badge.level
        self.set_badge(badge.title, BADGE_TONES[badge.level])
        facts = fit_in_words(environment, badge, self.candidate.shape, self.candidate.model_type)
        self._fit.setText(facts)
        said = f"{badge.title}. {facts} {self.candidate.facts} {self._slow}"
        self.button.setAccessibleDescription(said.strip())

    def rank(self) -> int:
        """Fitting models come first."""
        return RANKS[self.level]
