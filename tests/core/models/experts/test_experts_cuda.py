"""On a card: experts multiplied at once give what they give one by one, and what is exact."""

import pytest
import torch
import transformers
from torch import nn

from core.models.experts import matrix, modules
from core.models.experts.matrix import Factors
from core.models.experts.packing import PackedExperts
from core.models.experts.products import in_one_launch

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a card")

SIZES = {"num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1,
         "head_dim": 16, "vocab_size": 64}  # fmt: skip
QWEN = transformers.Qwen3MoeConfig(
    hidden_size=512, moe_intermediate_size=192, num_experts=32, num_experts_per_tok=4, **SIZES
)
OSS = transformers.GptOssConfig(
    hidden_size=448, intermediate_size=320, num_local_experts=16, num_experts_per_tok=4, **SIZES
)
FAMILIES = {"qwen": (transformers.Qwen3MoeForCausalLM, QWEN),
            "gpt-oss": (transformers.GptOssForCausalLM, OSS)}  # fmt: skip
RANK = 2  # the kernel wants multiples of 8


def layer(family):
    """Experts with packed weights on the card, and the factors of their adapter."""
    kind, config = FAMILIES[family]
    torch.manual_seed(3)
    _, module = next(modules.experts_of(kind(config)))
    module = module.cuda().bfloat16()
    factors = {}
    for name, parameter in list(module.named_parameters()):
        nn.init.normal_(parameter, std=0.05)
        if name in modules.matrices(module):
            count, *sides = parameter.shape
            rows, columns = sides[::-1] if module.is_transposed else sides
            a = torch.randn(count * RANK, columns, device="cuda") * 0.1
            b = torch.randn(rows, RANK * count, device="cuda") * 0.1
            factors[name] = Factors(a.requires_grad_(), b.requires_grad_(), 2.0)
            setattr(module, name, PackedExperts.of(parameter))
    return module.requires_grad_(False), factors


def inputs(module):
    """Hidden states, and a choice that leaves the last three experts out."""
    width = shape_of_inputs(module)
    hidden = torch.randn(500, width, device="cuda", dtype=torch.bfloat16, requires_grad=True)
    choice = torch.rand(500, module.num_experts - 3, device="cuda").topk(4)[1]
    return hidden, choice, torch.rand(500, 4, device="cuda").bfloat16().requires_grad_()


def shape_of_inputs(module):
    return module.hidden_size if hasattr(module, "hidden_size") else module.hidden_dim


def results(module, factors, values):
    """The output and every gradient."""
    hidden, choice, shares = values
    leaves = [hidden, shares, *(t for f in factors.values() for t in f[:2])]
    module.__dict__[modules.FACTORS] = factors
    out = modules.forward(module, hidden, choice, shares)
    found = torch.autograd.grad(out.float().square().sum(), leaves)
    return [out.detach(), *found]


def exact(module, factors, values):
    """The same in 32 bits, expert by expert, by autograd."""
    hidden, choice, shares = (v.detach().float() if v.is_floating_point() else v for v in values)
    leaves = [hidden.requires_grad_(), shares.requires_grad_()]
    leaves += [t.detach().clone().requires_grad_() for f in factors.values() for t in f[:2]]
    out = torch.zeros_like(hidden)
    names = modules.matrices(module)
    for expert in range(module.num_experts):
        tokens, places = (choice == expert).nonzero(as_tuple=True)
        x = hidden[tokens]
        for place, name in enumerate(names):
            weight = getattr(module, name).unpacked()[expert].float()
            weight = weight if module.is_transposed else weight.T
            a = leaves[2 + 2 * place].view(module.num_experts, RANK, -1)[expert]
            b = leaves[3 + 2 * place].view(-1, RANK, module.num_experts)[:, :, expert]
            y = x @ weight + 2.0 * (x @ a.T) @ b.T
            y = y + getattr(module, f"{name}_bias")[expert].float() if module.has_bias else y
            x = module._apply_gate(y) if place == 0 else y
        out = out.index_add(0, tokens, x * shares[tokens, places, None])
    return [out.detach(), *torch.autograd.grad(out.square().sum(), leaves)]


def apart(one, other):
    return float((one.float() - other.float()).norm() / other.float().norm())


@pytest.mark.parametrize("most", [1 << 30, 1 << 19], ids=["whole", "in parts"])
@pytest.mark.parametrize("family", FAMILIES)
def test_at_once_as_one_by_one_and_as_exact(family, most, monkeypatch):
    monkeypatch.setattr(matrix, "AT_ONCE", most)
    module, factors = layer(family)
    values = inputs(module)
    like = torch.empty(0, dtype=torch.bfloat16, device="cuda")
    if torch.cuda.get_device_capability()[0] in (9, 10):
        assert in_one_launch(like, [512, 192])
    at_once = results(module, factors, values)
    monkeypatch.setattr(matrix, "in_one_launch", lambda _like, _widths: False)
    alone = results(module, factors, values)
    torch.backends.cuda.matmul.allow_tf32 = False
    wanted = exact(module, factors, values)
    assert len(at_once) == len(alone) == len(wanted)
    for mine, other, true in zip(at_once, alone, wanted, strict=True):
        assert mine.isfinite().all()
        assert apart(other, true) < 0.03
        assert apart(mine, true) < 1.2 * apart(other, true) + 1e-3


@pytest.mark.parametrize("family", FAMILIES)
def test_few_tokens_of_an_answer(family):
    module, factors = layer(family)
    hidden, choice, shares = inputs(module)
    module.__dict__[modules.FACTORS] = factors
    with torch.no_grad():
        one = modules.forward(module, hidden[:1], choice[:1], shares[:1])
        whole = modules.forward(module, hidden, choice, shares)[:1]
    assert apart(one, whole) < 0.01
