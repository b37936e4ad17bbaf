"""What the user decided about the examples, with undo. No Qt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from core.data.cleaning import KEPT, Choices, CleaningPlan
from core.data.draft import Draft, DraftSummary, ScanOptions, SourceSummary
from core.data.findings.kinds import HARMFUL, INFO, Action, Kind
from core.data.mixture import MixtureOptions
from core.data.splitting import SplitOptions
from core.language import _

_DEFAULT_HELD_OUT = 15
_UNDO_STEPS = 500


def fix_label(kind: Kind) -> str:
    """Return the label of the button that does something about a kind of finding."""
    return INFO[kind].fix_label or _("Fix")


def ignore_label(kind: Kind) -> str:
    """Return the label of the button that leaves a kind of finding alone."""
    return _("Keep as is") if kind in HARMFUL else _("Ignore")


def edit_in_words(kind: Kind, action: Action) -> str:
    """Name a decision by the button that was pressed, for undo."""
    pressed = ignore_label(kind) if action is Action.IGNORE else fix_label(kind)
    # Translators: names a decision for undo: a button, then what was found ("Hide: personal data").
    return _("{button}: {finding}", button=pressed, finding=INFO[kind].title)


def undecided(draft: Draft, plan: CleaningPlan, choices: Choices) -> dict[Kind, int]:
    """Return the harmful kinds without a decision, each with its number of undecided rows."""
    found = {}
    for kind in HARMFUL:
        if choices.is_open(kind) and kind in draft.summary.findings:
            rows = draft.rows_of(kind)
            kept = rows[plan.reason[rows] == KEPT]
            count = len(np.setdiff1d(kept, list(choices.rows), assume_unique=True))
            found.update({kind: count} if count else {})
    return found


class Reading(BaseModel):
    """Which files were read, and how: what the numbers of the rows depend on."""

    model_config = ConfigDict(frozen=True)

    sources: tuple[SourceSummary, ...]
    options: ScanOptions

    @classmethod
    def of(cls, summary: DraftSummary) -> Reading:
        """Return how a draft was read."""
        return cls(sources=summary.sources, options=summary.options)

    def files(self) -> list[Path]:
        """Return the files, each once."""
        return list(dict.fromkeys(Path(source.path) for source in self.sources))


class Edits(BaseModel):
    """Everything that is decided about a draft.

    Attributes:
        reading: the files that it is about; ``None`` before any was read.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    choices: Choices = Choices()
    mixture: MixtureOptions = MixtureOptions()
    held_out: int = _DEFAULT_HELD_OUT
    reading: Reading | None = None


class EditHistory:
    """Choices about rows and kinds, the mixture and the split, each of which can be undone."""

    def __init__(self, now: Edits = Edits()) -> None:  # noqa: B008 - it cannot be changed
        self._now = now
        self._before: list[tuple[str, Edits]] = []

    @property
    def now(self) -> Edits:
        """Everything that is decided."""
        return self._now

    @property
    def reading(self) -> Reading | None:
        """Which files it is about."""
        return self._now.reading

    @property
    def reading_before(self) -> Reading | None:
        """Which files it was about before the last change."""
        return self._before[-1][1].reading if self._before else None

    @property
    def choices(self) -> Choices:
        """What is done about findings and rows."""
        return self._now.choices

    @property
    def mixture(self) -> MixtureOptions:
        """What the training part is mixed from."""
        return self._now.mixture

    @property
    def held_out(self) -> int:
        """Share that is held back, in percent."""
        return self._now.held_out

    @property
    def split(self) -> SplitOptions:
        """The same for the preparation."""
        return SplitOptions(held_out=self.held_out / 100)

    def choose(self, what: str, choices: Choices) -> bool:
        """Take other choices, called ``what``; return whether they are others."""
        return self._change(what, choices=choices)

    def mix(self, what: str, mixture: MixtureOptions) -> bool:
        """Mix the training part in another way; return whether it is another."""
        return self._change(what, mixture=mixture)

    def hold_out(self, what: str, percent: int) -> bool:
        """Hold back another share; return whether it is another.

        A share that is changed step by step is one change.
        """
        is_new = self._change(what, held_out=percent)
        if is_new and [said for said, _now in self._before[-2:]] == [what, what]:
            del self._before[-1]
        return is_new

    def _change(self, what: str, **values: object) -> bool:
        return self.replace(what, self._now.model_copy(update=values))

    def replace(self, what: str, changed: Edits) -> bool:
        """Decide everything as in ``changed``; return whether that is something else."""
        if changed == self._now:
            return False
        self._before.append((what, self._now))
        del self._before[:-_UNDO_STEPS]
        self._now = changed
        return True

    def undo(self) -> bool:
        """Go back to what was before the last change; return whether there was one."""
        if not self._before:
            return False
        _said, self._now = self._before.pop()
        return True

    @property
    def last(self) -> str:
        """What undo would take back, ``""`` for nothing."""
        return self._before[-1][0] if self._before else ""

    def to_memory(self, draft: str) -> dict[str, Any]:
        """Return everything as JSON, for the draft of this name."""
        return {"draft": draft, **self._now.model_dump(mode="json", exclude={"reading"})}

    @classmethod
    def from_memory(
        cls, known: dict[str, Any], draft: str, reading: Reading | None = None
    ) -> EditHistory:
        """Return what was decided about this draft; nothing for another one or damaged JSON."""
        fresh = Edits(reading=reading)
        if known.get("draft") != draft:
            return cls(fresh)
        try:
            return cls(Edits.model_validate({**known, "reading": reading}))
        except ValidationError:
            return cls(fresh)
