"""What the user decided about the examples, with undo. No Qt."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from core.data.cleaning import KEPT, Choices, CleaningPlan
from core.data.draft import Draft, DraftSummary
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
            count = sum(int(row) not in choices.rows for row in kept)
            found.update({kind: count} if count else {})
    return found


class EditHistory:
    """Choices about rows and kinds, the mixture and the split.

    Attributes:
        choices: what is done about findings and rows; only these can be undone.
        mixture: what the training part is mixed from.
        held_out: share that is held back, in percent.
    """

    def __init__(self) -> None:
        self.choices = Choices()
        self.mixture = MixtureOptions()
        self.held_out = _DEFAULT_HELD_OUT
        self._before: list[tuple[str, Choices]] = []

    @property
    def split(self) -> SplitOptions:
        """The same for the preparation."""
        return SplitOptions(held_out=self.held_out / 100)

    def choose(self, what: str, choices: Choices) -> bool:
        """Take other choices, called ``what``; return whether they are others."""
        if choices == self.choices:
            return False
        self._before.append((what, self.choices))
        del self._before[:-_UNDO_STEPS]
        self.choices = choices
        return True

    def undo(self) -> bool:
        """Go back to the choices before the last ones; return whether there were any."""
        if not self._before:
            return False
        _, self.choices = self._before.pop()
        return True

    @property
    def last(self) -> str:
        """What undo would take back, ``""`` for nothing."""
        return self._before[-1][0] if self._before else ""

    def to_memory(self, draft: str) -> dict[str, Any]:
        """Return everything as JSON, for the draft of this name."""
        return {
            "draft": draft,
            "choices": self.choices.model_dump(mode="json"),
            "mixture": self.mixture.model_dump(mode="json"),
            "held_out": self.held_out,
        }

    @classmethod
    def from_memory(cls, known: dict[str, Any], draft: str) -> EditHistory:
        """Return what was decided about this draft; nothing for another one or damaged JSON."""
        made = cls()
        if known.get("draft") == draft:
            try:
                made.choices = Choices.model_validate(known.get("choices", {}))
                made.mixture = MixtureOptions.model_validate(known.get("mixture", {}))
                made.held_out = int(known.get("held_out", _DEFAULT_HELD_OUT))
            except (ValidationError, ValueError, TypeError):
                return cls()
        return made


def begins_as(draft: DraftSummary, earlier: DraftSummary) -> bool:
    """Return whether the rows of ``earlier`` come first in ``draft``, with the same numbers."""
    count = len(earlier.sources)
    return draft.sources[:count] == earlier.sources and draft.options == earlier.options
