"""Without a card every layer stays what it was; what a card computes is tested with the kernels."""

import bitsandbytes as bnb
import pytest
import torch
from torch import nn

from core.generation.packed import FewRowLinear, _rms_offset, kernels_on, use_few_row_kernels
from tests.core.generation.test_decoder import make


class Kernels:
    """Plain twins of the kernels."""

    @staticmethod
    def few_rows(x, weight):
        wide = bnb.functional.dequantize_4bit(weight.data, weight.quant_state)
        return (x.float() @ wide.float().t())[None]

    @staticmethod
    def reduced(x, a, index):
        return torch.einsum("mk,mrk->mr", x.float(), a[index].float())

    @staticmethod
    def finished(parts, dtype, bias=None, adapters=None):
        y = parts.sum(0)
        if adapters is not None:
            low, b, index = adapters
            y = y + torch.einsum("mr,mnr->mn", low, b[index].float())
        return (y if bias is None else y + bias.float()).to(dtype)


def packed_linear(bias=True):
    torch.manual_seed(0)
    linear = bnb.nn.Linear4bit(128, 24, bias, torch.bfloat16, quant_type="nf4")
    linear.to("cpu").requires_grad_(False)
    linear.support_avx512bf16_for_cpu = False
    return linear


def test_on_a_processor_nothing_is_replaced():
    assert kernels_on(torch.device("cpu")) is None
    model = make("Llama")
    before = [type(module) for module in model.modules()]
    use_few_row_kernels(model)
    assert [type(module) for module in model.modules()] == before
    assert _rms_offset(model.model.norm) is None


def test_a_model_gets_its_own_layers_back(monkeypatch):
    from core.generation import packed

    model = torch.nn.Sequential(packed_linear(), torch.nn.Linear(24, 8))
    before = list(model)
    monkeypatch.setattr(packed, "_suits", lambda _weight: True)
    monkeypatch.setattr(packed, "kernels_on", lambda _device: Kernels)
    with pytest.raises(KeyError), packed.lent_few_row_kernels(model):
        assert isinstance(model[0], FewRowLinear)
        assert model[1] is before[1]
        raise KeyError
    assert list(model) == before


def test_few_rows_give_what_the_layer_gives_and_each_row_its_adapter():
    linear = packed_linear()
    layer = FewRowLinear(linear, Kernels)
    x = torch.randn(3, 1, 128, dtype=torch.bfloat16)
    assert torch.allclose(layer(x), linear(x), atol=0.05)
    a, b = torch.randn(2, 4, 128).bfloat16(), torch.randn(2, 24, 4).bfloat16()
    a[0] = 0
    found = layer(x, (a, b, torch.tensor([0, 1, 0])))
    wanted = linear(x[1, 0]).float() + b[1].float() @ (a[1].float() @ x[1, 0].float())
    assert torch.allclose(found[0], layer(x)[0])
    assert torch.allclose(found[1, 0].float(), wanted, rtol=0.03, atol=0.3)
    assert (layer.in_features, layer.out_features) == (128, 24)


def test_more_rows_than_the_kernel_takes_go_the_usual_way():
    class Never(Kernels):
        few_rows = None

    linear = packed_linear(bias=False)
    layer = FewRowLinear(linear, Never)
    x = torch.randn(2, 9, 128, dtype=torch.bfloat16)
    assert not layer.takes(x)
    assert torch.equal(layer(x), linear(x))
    assert isinstance(layer.packed, nn.Module)
