"""A prompt with typical training examples, to be tried in any chat before anything is trained."""

from __future__ import annotations

import itertools

from core.data.dataset import DatasetVersion
from core.evaluation.prompts.nearest import Nearest

_EXAMPLES = 5
_READ = 500  # training examples among which the typical ones are looked for


def prompt_text(version: DatasetVersion, examples: int = _EXAMPLES) -> str:
    """Return typical questions with their answers, and where the next question goes.

    Raises:
        UserFacingError: the examples cannot be read.
    """
    some = itertools.islice(version.examples("train"), _READ)
    chosen = Nearest.of(some).typical(examples)
    shown = [f"Question:\n{one.question}\n\nAnswer:\n{one.answer}" for one in chosen]
    return "\n\n---\n\n".join([*shown, "Question:\n"])  # not shown: read by a model
