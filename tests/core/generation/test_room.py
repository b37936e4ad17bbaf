"""The memory of conversations is counted as the cache claims it."""

import pytest
import torch

from core.generation import room
from core.generation.decoder import BatchDecoder
from core.generation.side_by_side.linears import AdapterBank
from tests.core.generation.test_decoder import FAMILIES, make


@pytest.mark.parametrize("family", ["Llama", "Gemma3"])
def test_a_token_takes_what_the_cache_holds_for_it(family):
    model = make(family, **FAMILIES[family]).to(torch.bfloat16)
    decoder = BatchDecoder(model, AdapterBank(model), slots=3, context=19)
    decoder.read(0, [5, 6], 0)
    layers = decoder._cache.layers
    held = sum(t.nbytes for layer in layers for t in (layer.keys, layer.values))
    assert held == 3 * 20 * room.bytes_of_a_token(model.config)


@pytest.mark.parametrize(("free", "rows"), [(1 << 40, 8), (0, 1), (200_000, 3)])
def test_as_many_rows_as_fit(monkeypatch, free, rows):
    monkeypatch.setattr(room, "free_bytes", lambda _device: free)
    config = make("Llama").config  # 192 bytes a token
    assert room.rows_for(config, "cpu", 100, 8, 0.3) == rows


def test_a_processor_has_the_computers_memory():
    assert room.free_bytes("cpu") > 1 << 20


def test_layers_of_different_sizes_are_added_up():
    from types import SimpleNamespace

    sizes = [{"num_attention_heads": 4, "head_dim": 8}, {"num_attention_heads": 2, "head_dim": 16}]
    config = SimpleNamespace(
        num_hidden_layers=2, per_layer_config=[SimpleNamespace(**one) for one in sizes]
    )  # heads without a width, as where a size is not the same everywhere
    config.num_attention_heads = 4
    assert room.bytes_of_a_token(config) == 2 * 2 * (4 * 8 + 2 * 16)
