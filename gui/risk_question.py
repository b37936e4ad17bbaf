"""The question about what a model may repeat, asked before examples are accepted."""

from __future__ import annotations

from collections.abc import Callable

from core.data.findings.kinds import INFO, Action, Kind
from gui.question import Question


def risk_question(
    found: dict[Kind, int], answer: Callable[[str, Action], None], look: Callable[[], None]
) -> Question:
    """Ask what happens to the kinds in ``found``, each with its number of rows.

    Args:
        answer: takes what was said, in a word, and the action for all of them.
        look: shows them first.
    """
    named = "; ".join(f"{count:,} × {INFO[kind].title}" for kind, count in found.items())
    return Question(
        f"Nothing is decided yet about {named}.",
        "Models can repeat them to anyone. Hiding replaces them in what the model learns from; "
        "your file stays as it is.",
        (
            ("Hide them", lambda: answer("hide", Action.FIX)),
            ("Look at them first", look),
            ("Keep them as they are", lambda: answer("keep", Action.IGNORE)),
        ),
    )
