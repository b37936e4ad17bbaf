"""The memory of conversations is counted as the cache claims it."""

import pytest
import torch

from core.generation import room
from core.generation.adapters import AdapterBank
from core.generation.decoder import BatchDecoder
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
