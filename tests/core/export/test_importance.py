"""What matters for the examples is measured on what the fine-tune's layers really read."""

from itertools import islice

import pytest
import torch

from core.evaluation.tuned import load_tuned
from core.export.importance import _sums, calibration_rows, measure_importance


class Link:
    """Hears of progress."""

    def __init__(self):
        self.seen = []

    def progress(self, *values):
        self.seen.append(values)


@pytest.fixture(scope="module")
def tuned(walked):
    return load_tuned(walked.project, next(walked.project.runs("train")))


def test_every_linear_layer_of_the_base_gets_a_mean_square_for_each_input(tuned):
    link = Link()
    found = measure_importance(tuned, link)
    linears = {
        n for n, m in tuned.model.get_base_model().named_modules() if hasattr(m, "base_layer")
    }
    assert linears <= set(found)
    assert not any("lora" in name or name.endswith("base_layer") for name in found)
    assert found["model.layers.0.mlp.down_proj"].shape == (128,)
    assert all(bool((columns >= 0).all()) and columns.sum() > 0 for columns in found.values())
    assert link.seen and link.seen[-1][1] <= link.seen[-1][2]


def test_the_mean_is_that_of_all_rows_and_the_hooks_are_gone():
    layer = torch.nn.Sequential(torch.nn.Linear(2, 3, bias=False))
    with _sums(layer) as sums:
        layer(torch.tensor([[[1.0, 2.0], [3.0, 0.0]]]))
        layer(torch.tensor([[5.0, 0.0]]))
    total, count = sums["0"]
    assert (total.tolist(), count) == ([35.0, 4.0], 3)
    layer(torch.ones(1, 2))
    assert sums["0"][1] == 3


def test_rows_are_those_that_the_fine_tune_learned_from(tuned):
    rows = list(islice(calibration_rows(tuned), 3))
    assert len(rows) == 3
    texts = [tuned.tokenizer.decode(row) for row in rows]
    learned = [example.messages[-1].content for example in tuned.version.examples("train")]
    assert all(any(answer in text for answer in learned) for text in texts)
    assert all(len(row) <= tuned.config.max_length for row in rows)
