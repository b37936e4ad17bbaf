"""What a plan depends on besides the model: this machine and these examples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from core.config.training import TrainingConfig
from core.errors import UserFacingError
from core.hardware.cards.alike import how_many_together
from core.hardware.cards.reader import Card, CardReport, read_cards
from core.hardware.cards.usable import why_unusable
from core.hardware.system.machine import Machine, read_machine
from core.language import _, ngettext
from core.models.shape import ModelShape
from core.planning.estimate import Hardware, duration_text, estimate, memory_settings
from core.planning.languages import answer_language
from core.planning.memory import Badge, Device, badge, memory_need
from core.planning.presets import PlanInput, find_preset, recommended
from core.planning.workload import DatasetSize
from core.settings import load_settings

_EXAMPLES_LOOKED_AT = 2000
_A_NIGHT = 12 * 3600.0  # seconds; what takes longer is no comfortable fit
_UNKNOWN_SIZE = DatasetSize(1000, 100, 300.0, 512)


@dataclass(frozen=True, slots=True)
class Environment:
    """One look at the machine, and at the dataset version in use.

    Attributes:
        language: English name of the language of its answers, ``""`` where there is not one.
    """

    cards: CardReport
    machine: Machine
    data: DatasetSize
    extra_watts: float = 0.0
    language: str = ""

    @property
    def card(self) -> Card | None:
        """The card that a run would use, ``None`` when it runs on the processor."""
        return next((card for card in self.cards.cards if not why_unusable(card)), None)

    @property
    def reason(self) -> str:
        """In plain words why no card is used, ``""`` when one is."""
        if self.card is not None:
            return ""
        return why_unusable(self.cards.cards[0]) if self.cards else self.cards.reason

    @property
    def device(self) -> Device:
        """Where it would train."""
        return "cpu" if self.card is None else "gpu"

    @property
    def free_memory(self) -> int | None:
        """Bytes free there."""
        return self.machine.ram_free if self.card is None else self.card.memory_free

    @property
    def training_cards(self) -> int:
        """How many cards would train together: the usable ones, if they can."""
        usable = [card for card in self.cards.cards if not why_unusable(card)]
        return how_many_together([(card.name, card.memory_total) for card in usable])

    @property
    def hardware(self) -> Hardware:
        """The same for the estimate."""
        return Hardware(self.machine, self.card, self.extra_watts)

    def together(self, cards: int) -> int:
        """Return how many cards train when ``cards`` are wanted; 0 means as many as can."""
        return min(cards or self.training_cards, self.training_cards)

    def processes(self, cards: int) -> int | None:
        """Return how many processes train on this many cards; ``None`` when it takes all.

        Raises:
            UserFacingError: this many cannot train together here (code ``cards.count``).
        """
        most = self.training_cards
        if not 0 <= cards <= most:
            raise UserFacingError(
                "cards.count",
                ngettext(
                    "This computer cannot train with {count} card.",
                    "This computer cannot train with {count} cards together.",
                    cards,
                ),
                _("Choose a number from 1 to {most}.", most=most)
                if most > 1
                else _("Leave out --cards."),
            )
        return cards if 0 < cards < most else None

    def plan_input(self, shape: ModelShape, model_type: str = "", cards: int = 0) -> PlanInput:
        """Return what presets of a model depend on; ``cards`` as in :meth:`together`."""
        return PlanInput(
            shape, self.data, self.device, self.free_memory, model_type,
            host_memory=self.machine.ram_free, cards=self.together(cards),
        )  # fmt: skip

    def takes(self, shape: ModelShape, model_type: str = "") -> str:
        """Return how long a run would take with that preset, as a range."""
        here, config = self._recommended(shape, model_type)
        return duration_text(estimate(here, config, self.hardware, 0.0).seconds)

    def _recommended(self, shape: ModelShape, model_type: str) -> tuple[PlanInput, TrainingConfig]:
        here = self.plan_input(shape, model_type)
        return here, find_preset(here, recommended(here)).config

    def badge(self, shape: ModelShape, model_type: str = "") -> Badge:
        """Return whether a model fits with the preset that would be recommended for it.

        Without a card the badge says how long a run takes: there, time is what is short.
        """
        here, config = self._recommended(shape, model_type)
        need = memory_need(shape, memory_settings(here, config)).total
        found = badge(need, self.free_memory, self.device)
        if self.device == "gpu" or found.level not in ("fits", "tight"):
            return found
        seconds = estimate(here, config, self.hardware, 0.0).seconds
        slow = seconds.high > _A_NIGHT
        return replace(
            found,
            level="tight" if slow else found.level,
            title=_("Takes {time}", time=duration_text(seconds)),
        )


def examine_machine(folder: Path, version: Path | None) -> Environment:
    """Read cards, machine and dataset; up to a few seconds, so beside the window's thread."""
    data = _UNKNOWN_SIZE if version is None else dataset_size(version)
    language = "" if version is None else answer_language(version)
    watts = load_settings().extra_watts
    return Environment(read_cards(), read_machine(folder), data, watts, language)


def dataset_size(folder: Path) -> DatasetSize:
    """Estimate the tokens of a dataset version from its first 2,000 training examples."""
    from core.data.dataset import DatasetVersion

    version = DatasetVersion.load(folder)
    pairs = zip(version.examples("train"), range(_EXAMPLES_LOOKED_AT), strict=False)
    lengths = [
        sum(len(m.content) + len(m.reasoning) for m in example.messages) for example, _ in pairs
    ]
    mean = sum(lengths) / len(lengths) if lengths else 0.0
    return DatasetSize.from_characters(
        version.counts.get("train", 0),
        version.counts.get("validation", 0),
        mean,
        max(lengths, default=0),
    )
