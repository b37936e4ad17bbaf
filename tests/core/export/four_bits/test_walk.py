"""Blocks are rounded in order, each on what the rounded ones before it give."""

import pytest
import torch
from torch import nn

from core.errors import UserFacingError
from core.export.four_bits.walk import Walk

ROWS = [[1, 2, 3, 4], [5, 6, 7], [8, 9]]


class Block(nn.Module):
    def __init__(self, as_tuple):
        super().__init__()
        self.one, self.two, self.out = (nn.Linear(32, 32, bias=False) for _ in range(3))
        self.as_tuple, self.calls = as_tuple, 0

    def forward(self, hidden_states):
        self.calls += 1
        both = torch.tanh(self.one(hidden_states)) * self.two(hidden_states)
        hidden = hidden_states + self.out(both)
        return (hidden, None) if self.as_tuple else hidden


class Model(nn.Module):
    def __init__(self, as_tuple=False, reads_first=False):
        super().__init__()
        self.embed = nn.Embedding(10, 32)
        self.layers = nn.ModuleList(Block(as_tuple) for _ in range(3))
        self.reads_first = reads_first

    def forward(self, input_ids, use_cache):
        assert use_cache is False
        hidden = first = self.embed(input_ids)
        for number, layer in enumerate(self.layers):
            found = layer(hidden_states=hidden)
            hidden = found[0] if isinstance(found, tuple) else found
            first = hidden if number == 0 else first
            hidden = hidden + first if self.reads_first and number else hidden
        return hidden


@pytest.fixture(params=[False, True])
def model(request):
    torch.manual_seed(1)
    return Model(as_tuple=request.param).to(torch.bfloat16)


def walk_of(model):
    linears = [n for n, m in model.named_modules() if isinstance(m, nn.Linear)]
    weights = {n: model.get_submodule(n).weight.detach().clone() for n in linears}
    return Walk(model, "layers", model.layers, linears, ROWS, weights.__getitem__, 32), weights


def test_every_layer_of_every_block_is_rounded_once(model):
    walk, weights = walk_of(model)
    parts = list(walk)
    assert [sorted(part) for part in parts] == [
        sorted(n for n in weights if n.startswith(f"layers.{number}.")) for number in range(3)
    ]
    for part in parts:
        for name, found in part.items():
            before = weights[name].float()
            assert (found.weight() - before).norm() < 0.5 * before.norm()
            assert model.get_submodule(name).weight.untyped_storage().size() == 0


def test_a_block_reads_what_the_rounded_blocks_before_it_give(model):
    walk, _weights = walk_of(model)
    first = next(iter(walk))
    block = Block(model.layers[0].as_tuple).to(torch.bfloat16)
    for name, found in first.items():
        block.get_submodule(name.rpartition(".")[2]).weight.data = found.weight().bfloat16()
    wanted = block(model.embed(torch.tensor([ROWS[0]])))
    given = walk._outputs[0]
    if isinstance(wanted, tuple):
        wanted, given = wanted[0], given[0]
    assert torch.equal(wanted, given)


def test_blocks_are_not_computed_again_for_those_behind(model):
    walk, _weights = walk_of(model)
    list(walk)
    # Once in each of the two looks at the chain, then twice an example.
    assert [block.calls for block in model.layers] == [2 + 2 * len(ROWS)] * 3


def test_a_model_whose_blocks_read_another_block_is_refused():
    torch.manual_seed(1)
    walk, _weights = walk_of(Model(reads_first=True).to(torch.bfloat16))
    with pytest.raises(UserFacingError) as refused:
        next(iter(walk))
    assert refused.value.code == "export.no_four_bits"
