"""One base model to choose: what it is good at, its licence and size, and whether it fits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.models.catalogue import CatalogueEntry
from core.models.inspection import ModelFacts
from core.models.licence import licence_name
from core.models.shape import ModelShape
from core.planning.plan_text import without_fast_path
from core.planning.surroundings import Surroundings
from core.training.config import TrainingConfig
from gui.theme import BADGE_TONES
from gui.widgets.choice_card import ChoiceCard
from gui.widgets.labels import label
from gui.wording import gigabytes, parameters

_ORDER = {"fits": 0, "tight": 1, "unknown": 2, "wont_fit": 3}


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


def from_catalogue(entry: CatalogueEntry, folder: Path) -> Candidate:
    """Describe a model of the catalogue."""
    facts = [
        f"{parameters(entry.shape.total_parameters)} parameters",
        ", ".join(entry.languages),
        licence_name(entry.licence),
        f"{gigabytes(entry.download_bytes)}, comes with this application",
    ]
    return Candidate(
        folder=folder,
        name=entry.name,
        shape=entry.shape,
        text=entry.good_at,
        facts=" · ".join(facts),
        model_type=entry.model_type,
        packaged=True,
    )


def from_folder(found: ModelFacts) -> Candidate:
    """Describe a model folder on this disk."""
    facts = [
        f"{parameters(found.parameters)} parameters",
        found.architecture,
        licence_name(found.licence),
        f"{gigabytes(found.size_bytes)} on disk",
    ]
    missing = []
    if not found.has_chat_template:
        missing.append("It has no chat template of its own; a plain one is used and exported.")
    if not found.end:
        missing.append("It names no token that ends a text: it may not know when to stop writing.")
    return Candidate(
        folder=found.folder,
        name=found.name,
        shape=found.shape,
        text=str(found.folder),
        facts=" · ".join(facts),
        model_type=found.model_type,
        warning=" ".join(missing),
    )


class ModelCard(ChoiceCard):
    """A candidate with its badge."""

    def __init__(self, candidate: Candidate) -> None:
        super().__init__(candidate.name, candidate.text, "model")
        self.candidate = candidate
        self.level = "unknown"
        self._fit = label("Looking at the free memory …", "muted")
        self.body.addWidget(label(candidate.facts))
        self._slow = without_fast_path(TrainingConfig(), candidate.model_type)
        if self._slow:
            self.body.addWidget(label(self._slow))
        if candidate.warning:
            self.body.addWidget(label(candidate.warning, tone="warning"))
        self.body.addWidget(self._fit)

    def show_fit(self, surroundings: Surroundings) -> None:
        """Show whether the model fits, with the numbers."""
        badge = surroundings.badge(self.candidate.shape, self.candidate.model_type)
        self.level = badge.level
        self.set_badge(badge.title, BADGE_TONES[badge.level])
        self._fit.setText(badge.sentence)
        said = f"{badge.title}. {badge.sentence} {self.candidate.facts} {self._slow}"
        self.button.setAccessibleDescription(said.strip())

    def rank(self) -> int:
        """Fitting models come first."""
        return _ORDER[self.level]
