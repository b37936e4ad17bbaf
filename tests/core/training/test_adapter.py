"""The adapter is plain peft: it changes nothing until trained, and off means the clean base."""

import json

import pytest

from core.training.adapter import load_adapter, save_adapter
from core.training.step import one_step


def logits(model, ids):
    import torch

    model.eval()
    with torch.no_grad():
        return model(input_ids=ids, use_cache=False).logits


@pytest.fixture
def ids():
    import torch

    return torch.randint(0, 49152, (1, 24), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("quantisation", ["nf4", "none"])
def test_off_means_the_clean_base_to_the_bit(tiny_model, make_run, ids, tmp_path, quantisation):
    import torch

    from core.models.loading import load_base
    from tests.core.training.conftest import TINY

    run = make_run(config=TINY.with_values({"quantisation": quantisation}))
    run.model.train()
    one_step(run)
    save_adapter(run.model, tmp_path)
    clean = logits(load_base(tiny_model, quantisation, "cpu"), ids)
    tuned = load_adapter(load_base(tiny_model, quantisation, "cpu"), tmp_path)
    assert not torch.equal(logits(tuned, ids), clean)
    with tuned.disable_adapter():
        assert torch.equal(logits(tuned, ids), clean)


def test_the_same_weights_give_the_same_bytes(make_run, tmp_path):
    run = make_run()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        save_adapter(run.model, tmp_path / name)
    for name in ("adapter_model.safetensors", "adapter_config.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    config = json.loads((tmp_path / "a" / "adapter_config.json").read_text())
    assert config["target_modules"] == sorted(config["target_modules"])
    assert config["r"] == 4


def test_only_the_adapter_is_trained(make_run):
    import torch

    run = make_run()
    names = {n for n, p in run.model.named_parameters() if p.requires_grad}
    assert names
    assert all("lora_" in name for name in names)
    assert all(p.dtype is torch.float32 for p in run.parameters)
