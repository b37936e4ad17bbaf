"""Experts in 4 bits: what is packed, and what comes out of it."""

import copy

import pytest
import torch

from core.models.experts.packing import PackedExperts


def by_hand(one):
    """NF4 of one expert, value by value."""
    from bitsandbytes.functional import dequantize_blockwise, quantize_4bit

    packed, state = quantize_4bit(one.contiguous(), compress_statistics=True, quant_type="nf4")
    scales = dequantize_blockwise(state.absmax, state.state2) + state.offset
    names = torch.stack((packed.flatten() >> 4, packed.flatten() & 15), dim=-1).flatten()
    values = state.code[names[: one.numel()].int()]
    return (values * scales.repeat_interleave(64)[: one.numel()]).view(one.shape)


@pytest.mark.parametrize("shape", [(3, 64, 32), (2, 48, 33), (2, 9, 30), (5, 512, 96)])
def test_each_expert_is_what_bitsandbytes_packs_of_it_alone(shape):
    weights = torch.randn(shape)
    packed = PackedExperts.of(weights)
    assert packed.ds_shape == torch.Size(shape) and not packed.requires_grad
    whole = packed.unpacked()
    assert whole.shape == weights.shape
    for number, one in enumerate(weights):
        assert torch.allclose(whole[number], by_hand(one), atol=1e-6)
    some = torch.tensor([1, 0, 1])
    assert torch.equal(packed.unpacked(some), whole[some])


def test_it_takes_half_a_byte_a_weight_and_little_more():
    packed = PackedExperts.of(torch.randn(4, 256, 128, dtype=torch.bfloat16))
    parts = (packed.data, packed.scales, packed.shifts, packed.scales_of_scales)
    used = sum(part.numel() * part.element_size() for part in parts)
    assert used / packed.ds_shape.numel() < 0.52
    assert packed.unpacked().dtype == torch.bfloat16


def test_a_copy_has_its_own_scales():
    packed = PackedExperts.of(torch.randn(2, 64, 64))
    other = copy.deepcopy(packed)
    assert torch.equal(other.unpacked(), packed.unpacked())
    other.scales.zero_()
    assert not torch.equal(other.unpacked(), packed.unpacked())
