"""Tokens are drawn as their probabilities say, and only from the likeliest."""

import random

import pytest
import torch

from core.generation.sampling import Draw, next_tokens

LOGITS = torch.tensor([[2.0, 1.0, 0.0, -1.0, float("-inf")]])


def shares(temperature, top_p, count=4000):
    dice = random.Random(1)
    draws = [Draw(temperature, top_p, dice.random()) for _ in range(count)]
    found = torch.tensor(next_tokens(LOGITS.repeat(count, 1), draws))
    return torch.bincount(found, minlength=5) / count


def test_temperature_zero_takes_the_likeliest():
    assert next_tokens(LOGITS, [Draw(0.0, 0.1, 0.99)]) == [0]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_the_draw_follows_the_probabilities(temperature):
    expected = torch.softmax(LOGITS[0] / temperature, -1)
    assert torch.allclose(shares(temperature, 1.0), expected, atol=0.025)


def test_top_p_leaves_the_unlikely_out():
    # softmax is 0.644, 0.237, 0.087, 0.032: two tokens reach 0.7
    found = shares(1.0, 0.7)
    assert found[2:].sum() == 0
    assert found[0] == pytest.approx(0.644 / (0.644 + 0.237), abs=0.025)


def test_the_likeliest_is_always_among_them():
    assert shares(1.0, 1e-9)[0] == 1.0


def test_the_same_number_draws_the_same_token_in_any_company():
    alone = next_tokens(LOGITS, [Draw(1.0, 0.9, 0.8)])
    rows = torch.cat([LOGITS * 3, LOGITS, LOGITS.flip(-1)])
    draws = [Draw(0.0, 1.0, 0.1), Draw(1.0, 0.9, 0.8), Draw(1.0, 1.0, 0.5)]
    assert next_tokens(rows, draws)[1] == alone[0]


@pytest.mark.parametrize("number", [0.0, 0.999999999])
def test_the_ends_of_the_numbers_draw_a_possible_token(number):
    assert next_tokens(LOGITS, [Draw(1.0, 1.0, number)])[0] in range(4)
