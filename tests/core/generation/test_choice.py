"""The fast decoder is used only where it computes the same, and a borrowed model is left alone."""

import pytest

from core.generation.choice import borrowed, decoder_for
from core.generation.decoder import BatchDecoder
from core.generation.plain import PlainDecoder
from core.generation.side_by_side.linears import AdapterBank
from tests.core.generation.test_decoder import FAMILIES, make


@pytest.mark.parametrize("family", FAMILIES)
def test_ordinary_families_get_the_fast_one(family):
    model = make(family, **FAMILIES[family])
    assert isinstance(decoder_for(model, AdapterBank(model), 2, 40), BatchDecoder)


def test_one_that_computes_something_else_is_not_used(monkeypatch):
    monkeypatch.setattr(BatchDecoder, "_masks", lambda *_: None)  # no row would see its window
    step = BatchDecoder._step
    monkeypatch.setattr(BatchDecoder, "_step", lambda self, *key: step(self, *key).flip(-1))
    model = make("Llama")
    assert isinstance(decoder_for(model, AdapterBank(model), 2, 40), PlainDecoder)
    assert model.config._attn_implementation == "sdpa"


def test_numbers_that_are_none_are_no_small_difference(monkeypatch):
    step = BatchDecoder._step
    monkeypatch.setattr(BatchDecoder, "_step", lambda self, *key: step(self, *key) * float("nan"))
    model = make("Llama")
    assert isinstance(decoder_for(model, AdapterBank(model), 2, 40), PlainDecoder)


def test_a_full_memory_is_not_the_familys_fault(monkeypatch):
    def full(*_):
        raise MemoryError

    monkeypatch.setattr(BatchDecoder, "_step", full)
    model = make("Llama")
    with pytest.raises(MemoryError):
        decoder_for(model, AdapterBank(model), 2, 40)


def test_a_borrowed_model_gets_its_attention_back():
    model = make("Llama")
    with borrowed(model, 2, 40) as decoder:
        assert isinstance(decoder, BatchDecoder)
        assert model.config._attn_implementation != "sdpa"
    assert model.config._attn_implementation == "sdpa"
