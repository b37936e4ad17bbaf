import pytest

from core.config.training import TrainingConfig
from core.planning.workload import DatasetSize, flops_per_token, workload
from tests.core.planning.plan_inputs import GUIDE_DATA, LLAMA_8B


def test_steps_of_the_guide() -> None:
    work = workload(GUIDE_DATA, TrainingConfig())
    assert (work.steps_per_epoch, work.steps) == (91, 273)
    assert work.train_tokens == 3 * 2890 * 412
    assert work.validations == 13


def test_cut_examples_count_only_as_far_as_the_cut() -> None:
    assert workload(GUIDE_DATA, TrainingConfig(max_length=100)).train_tokens == 3 * 2890 * 100


def test_a_step_limit_shortens_everything() -> None:
    work = workload(GUIDE_DATA, TrainingConfig(max_steps=91))
    assert work.steps == 91
    assert work.train_tokens == 2890 * 412


def test_no_examples_still_give_a_step() -> None:
    assert workload(DatasetSize(0, 0, 0, 0), TrainingConfig()).steps >= 1


@pytest.mark.parametrize(("recompute", "giga"), [(0.0, 30.7), (1.0, 44.8)])
def test_arithmetic_of_the_8b_shape(recompute: float, giga: float) -> None:
    assert flops_per_token(LLAMA_8B, recompute, 512) / 1e9 == pytest.approx(giga, rel=0.01)


def test_tokens_from_characters_are_about_right() -> None:
    size = DatasetSize.from_characters(10, 2, 720, 3600)
    assert 200 < size.mean_tokens < 250
    assert size.longest_tokens > 1000
