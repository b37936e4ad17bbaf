"""Models whose state runs on, which the fast decoder does not suit, answer all the same."""

import torch

from core.generation.choice import decoder_for
from core.generation.plain import PlainDecoder
from core.generation.side_by_side.linears import AdapterBank


def mamba():
    from transformers import MambaConfig, MambaForCausalLM

    torch.manual_seed(0)
    config = MambaConfig(vocab_size=97, hidden_size=32, num_hidden_layers=2, state_size=4)
    return MambaForCausalLM(config).eval().requires_grad_(False)


def test_a_recurrent_model_gets_the_plain_decoder_and_is_right():
    model = mamba()
    decoder = decoder_for(model, AdapterBank(model), 2, 64)
    assert isinstance(decoder, PlainDecoder)
    decoder.read(0, [5, 6, 7], 0)
    found = decoder.step({0: 9}, {})[0]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        wanted = model(input_ids=torch.tensor([[5, 6, 7, 9]])).logits[0, -1].float()
    assert (found - wanted).abs().max() <= 0.05 * (wanted.max() - wanted.min())
