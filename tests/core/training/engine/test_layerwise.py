"""A model loaded piece by piece is the one that transformers loads."""

import json
import shutil

import pytest
import torch

from core.errors import UserFacingError
from core.models.loading import load_base
from core.training.engine.layerwise import load_layerwise


def _answers(model):
    with torch.no_grad():
        return model(torch.tensor([[5, 6, 7, 300]])).logits


@pytest.mark.parametrize("quantisation", ["nf4", "none"])
@pytest.mark.parametrize("streams", [lambda _: False, lambda layer: layer == 1])
def test_it_computes_the_same_to_the_bit(tiny_model, quantisation, streams):
    model = load_layerwise(tiny_model, quantisation, "cpu", streams, host_embedding=True)
    clean = load_base(tiny_model, quantisation, "cpu", for_training=True)
    clean.train(), model.train()  # bitsandbytes answers otherwise in eval mode on some processors
    assert torch.equal(_answers(model), _answers(clean))
    kinds = [[type(m) for m in loaded.modules()] for loaded in (model, clean)]
    assert kinds[0] == kinds[1]
    assert not any(p.requires_grad for p in model.parameters())


def test_a_stored_4_bit_model_in_several_files(tiny_model, tmp_path):
    clean = load_base(tiny_model, "nf4", "cpu", for_training=True)
    clean.save_pretrained(tmp_path, max_shard_size="100KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    model = load_layerwise(tmp_path, "nf4", "cpu", lambda _: True)
    clean.train(), model.train()
    assert torch.equal(_answers(model), _answers(clean))


def test_a_model_with_a_hole_is_refused(tiny_model, tmp_path):
    shutil.copytree(tiny_model, tmp_path / "more layers")
    path = tmp_path / "more layers" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "num_hidden_layers": 3}))
    with pytest.raises(UserFacingError) as refusal:
        load_layerwise(path.parent, "nf4", "cpu", lambda _: True)
    assert refusal.value.code == "model.cannot_load"
