"""The question about what a model may repeat, asked before examples are accepted."""

from __future__ import annotations

from collections.abc import Callable

from core.data.findings.kinds import INFO, Action, Kind
from core.language import _
from gui.kit.question import Question


def risk_question(
    found: dict[Kind, int], answer: Callable[[str, Action], None], look: Callable[[], None]
) -> Question:
    """Ask what happens to the kinds in ``found``, each with its number of rows.

    Args:
        answer: takes the decision's name for undo, and the action for all of them.
        look: shows them first.
    """
    named = "; ".join(
        # Translators: a number and what was found ("3 × personal data").
        _("{count:,} × {finding}", count=count, finding=INFO[kind].title)
        for kind, count in found.items()
    )
    hidden, kept = _("Hide: what a model may repeat"), _("Keep: what a model may repeat")
    return Question(
        _("You have not decided yet what to do with these: {findings}.", findings=named),
        _(
            "Models can repeat them to anyone. Hiding replaces them in the training data. Your "
            "file stays as it is."
        ),
        (
            (_("Hide them"), lambda: answer(hidden, Action.FIX)),
            (_("Look at them first"), look),
            (_("Keep them as they are"), lambda: answer(kept, Action.IGNORE)),
        ),
    )
