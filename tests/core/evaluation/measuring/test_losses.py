"""Losses are kept apart by example, and together they are the loss per token."""

import numpy as np
import pytest

from core.chat.tokens import build_table
from core.evaluation.measuring.losses import example_losses, mean
from core.evaluation.tuned import load_tuned


def test_the_mean_counts_tokens_and_not_examples():
    assert mean(np.array([[3.0, 1.0], [3.0, 3.0]])) == 1.5


def test_each_example_alone_has_the_same_losses_as_among_others(walked, tmp_path):
    tuned = load_tuned(walked.project, walked.project.run("train-001"))
    some = tuned.unseen_examples(5)

    def table(these):
        path = tmp_path / f"{these[0].question}-{len(these)}.arrow"
        return build_table(tuned.tokenizer, these, tuned.config.max_length, path)

    together = example_losses(tuned, table(some))
    assert together.shape == (5, 2)
    for place, example in enumerate(some):
        alone = example_losses(tuned, table([example]))[0]
        assert alone[1] == together[place, 1] > 0
        assert alone[0] == pytest.approx(together[place, 0], rel=1e-3)
    assert mean(example_losses(tuned, table(some))) == pytest.approx(mean(together), rel=1e-6)
