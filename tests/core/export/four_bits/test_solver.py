"""Rounding with the inputs in mind loses less of the answers than rounding by itself."""

import pytest
import torch

from core.export.four_bits.solver import HIGHEST, LOWEST, group_size, rounded


@pytest.fixture
def layer():
    torch.manual_seed(0)
    mixed = torch.randn(128, 128) / 8
    inputs = torch.randn(2_000, 16) @ torch.randn(16, 128) + torch.randn(2_000, 128) @ mixed
    return torch.randn(96, 128) * 0.05, inputs


def lost(weight, found, inputs):
    wanted = inputs @ weight.T
    return float((inputs @ found.T - wanted).norm() / wanted.norm())


def test_it_loses_less_than_half_of_what_plain_rounding_loses(layer):
    weight, inputs = layer
    found = rounded(weight, inputs.T @ inputs, 32, torch.float32)
    plain = rounded(weight, torch.eye(128), 32, torch.float32)
    assert lost(weight, found.weight(), inputs) < 0.5 * lost(weight, plain.weight(), inputs)


def test_without_inputs_each_weight_goes_to_the_nearest_step(layer):
    weight, _inputs = layer
    found = rounded(weight, torch.eye(128), 32, torch.float32)
    step = found.scales.repeat_interleave(32, 1)
    inside = (weight / step).clamp(LOWEST, HIGHEST) * step
    assert ((found.weight() - inside).abs() <= step / 2 + 1e-6).all()


def test_scales_are_rounded_before_the_weights_are(layer):
    weight, inputs = layer
    found = rounded(weight, inputs.T @ inputs, 64, torch.bfloat16)
    assert found.scales.dtype is torch.bfloat16
    assert found.scales.shape == (96, 2)
    assert int(found.codes.min()) >= LOWEST and int(found.codes.max()) <= HIGHEST


def test_columns_that_nothing_reads_are_kept(layer):
    weight, inputs = layer
    inputs[:, 5] = 0
    found = rounded(weight, inputs.T @ inputs, 32, torch.float32)
    assert float((found.weight()[:, 5] - weight[:, 5]).abs().max()) < 0.05


def test_sums_that_are_no_numbers_give_plain_rounding(layer):
    weight, _inputs = layer
    found = rounded(weight, torch.full((128, 128), 1.0), 32, torch.float32)
    assert torch.isfinite(found.weight()).all()


def test_the_largest_group_that_fits_all_rows():
    assert group_size({4096, 14336}) == 128
    assert group_size({576, 1536}) == 64
    assert group_size({96}) == 32
    assert group_size({100}) is None
