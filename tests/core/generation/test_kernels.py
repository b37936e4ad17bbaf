"""The Triton kernels for few rows against plain products; PTX is in them, so only on a card."""

import pytest
import torch

pytest.importorskip("triton", reason="Triton comes with torch for NVIDIA cards only")
if not torch.cuda.is_available():
    pytest.skip("needs a card", allow_module_level=True)

import bitsandbytes as bnb

from core.generation import kernels
from core.generation.packed import FewRowNorm, _rms_offset, kernels_on
from tests.core.generation.test_decoder import make

DEVICE = torch.device("cuda:0")


def random(*shape):
    return torch.randn(*shape, device=DEVICE).bfloat16()


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize(
    ("rows", "size", "width"), [(1, 4096, 4096), (3, 100, 192), (16, 1000, 14336)]
)
def test_a_product_with_bias_and_adapters(rows, size, width, nested):
    wide = random(size, width).cpu() * 0.02
    weight = bnb.nn.Params4bit(wide, quant_type="nf4", compress_statistics=nested).to(DEVICE)
    x, bias = random(rows, width), random(size)
    a, b, index = random(3, 12, width) * 0.05, random(3, size, 12) * 0.05, torch.arange(rows) % 3
    index = index.to(DEVICE)
    adapters = kernels.reduced(x, a, index), b, index
    found = kernels.finished(kernels.few_rows(x, weight), torch.float32, bias, adapters)
    wanted = x.float() @ bnb.functional.dequantize_4bit(weight.data, weight.quant_state).float().t()
    low = torch.einsum("mk,mrk->mr", x.float(), a[index].float())
    wanted += bias.float() + torch.einsum("mr,mnr->mn", low, b[index].float())
    assert (found - wanted).norm() < 0.004 * wanted.norm()


@pytest.mark.parametrize("family", ["Llama", "Gemma3"])
def test_a_norm_is_that_of_its_family(family):
    norm = make(family).to(DEVICE, torch.bfloat16).model.norm
    layer = FewRowNorm(norm, _rms_offset(norm), kernels_on(DEVICE))
    h = random(2, 1, 32)
    assert torch.allclose(layer(h).float(), norm(h).float(), rtol=0.02, atol=0.02)
