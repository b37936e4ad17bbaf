"""What a mixture is called in configs, and the rank of its experts' factors."""

from types import SimpleNamespace

import pytest

from core.models.experts.sizes import expert_rank, experts_per_token


def test_the_number_of_experts_that_a_token_is_sent_to():
    assert experts_per_token({"num_experts_per_tok": 8}) == 8
    assert experts_per_token(SimpleNamespace(moe_k=[2, 6])) == 6
    inner = SimpleNamespace(num_experts_per_tok=4)
    assert experts_per_token(SimpleNamespace(get_text_config=lambda: inner)) == 4
    assert experts_per_token({"num_experts_per_tok": True}) == 1
    assert experts_per_token({}) == 1


@pytest.mark.parametrize(
    ("rank", "per_token", "wanted"), [(16, 8, 2), (16, 4, 4), (4, 8, 1), (32, 1, 32)]
)
def test_the_rank_of_an_expert(rank, per_token, wanted):
    assert expert_rank(rank, per_token) == wanted
