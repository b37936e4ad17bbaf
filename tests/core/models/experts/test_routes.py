"""Tokens sorted by their experts, and back."""

import pytest
import torch

from core.models.experts.routes import Routes

INDEX = torch.tensor([[2, 0], [0, 3], [9, 2]])  # the last token is sent to one expert only


@pytest.fixture
def routes():
    return Routes(INDEX, 4, at_once=False)


def test_rows_are_in_the_order_of_their_experts(routes):
    assert routes.experts.tolist() == [0, 0, 2, 2, 3, 3]
    assert routes.tokens.tolist() == [0, 1, 0, 2, 1, 2]
    assert routes.groups.sizes == [2, 0, 2, 2] and routes.groups.ends.tolist() == [2, 2, 4, 6]
    assert routes.real.tolist() == [[True, True], [True, True], [False, True]]


def test_values_of_places_come_back(routes):
    values = torch.randn(3, 2)
    assert torch.equal(routes.places(routes.sorted(values)), values)


def test_rows_are_summed_for_their_tokens(routes):
    rows = torch.randn(6, 5)
    wanted = torch.zeros(3, 5).index_add(0, routes.tokens, rows)
    assert torch.allclose(routes.summed(rows), wanted)
    assert routes.summed(rows.bfloat16()).dtype == torch.float32


def test_rows_of_an_answer_are_groups_of_their_own():
    groups = Routes(INDEX, 4, at_once=True, each=True).groups
    assert groups.experts.tolist() == [0, 0, 2, 2, 3, 3]
    assert groups.ends.tolist() == [1, 2, 3, 4, 5, 6] and groups.sizes is None
    assert Routes(INDEX, 4, at_once=False, each=True).groups.sizes == [2, 0, 2, 2]
