"""Experts in 4 bits: what is packed, and what comes out of it."""

import copy

import pytest
import torch

from core.models.experts.packing import PackedExperts


@pytest.mark.parametrize("shape", [(3, 64, 32), (2, 48, 33), (5, 512, 96)])
def test_each_expert_is_what_bitsandbytes_makes_of_it_alone(shape):
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    weights = torch.randn(shape)
    packed = PackedExperts.of(weights)
    assert packed.ds_shape == torch.Size(shape) and not packed.requires_grad
    for number, one in enumerate(weights):
        alone = dequantize_4bit(
            *quantize_4bit(one.contiguous(), compress_statistics=True, quant_type="nf4")
        )
        assert torch.allclose(packed.unpacked(number), alone, atol=1e-6)
    assert torch.equal(packed.all_unpacked()[1], packed.unpacked(1))


def test_it_takes_half_a_byte_a_weight_and_little_more():
    packed = PackedExperts.of(torch.randn(4, 256, 128, dtype=torch.bfloat16))
    parts = (packed.data, packed.scales, packed.shifts, packed.scales_of_scales)
    used = sum(part.numel() * part.element_size() for part in parts)
    assert used / packed.ds_shape.numel() < 0.52
    assert packed.unpacked(0).dtype == torch.bfloat16


def test_a_copy_has_its_own_scales():
    packed = PackedExperts.of(torch.randn(2, 64, 64))
    other = copy.deepcopy(packed)
    assert torch.equal(other.all_unpacked(), packed.all_unpacked())
    other.scales.zero_()
    assert not torch.equal(other.all_unpacked(), packed.all_unpacked())
