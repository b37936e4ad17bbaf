"""A stored adapter is read as what it adds, or refused by what makes it another kind."""

import json

import pytest
import torch
from safetensors.torch import save_file

from core.models.lora import CONFIG, WEIGHTS, UnknownAdapterError, Update, read_updates

NAME = "base_model.model.model.layers.0.self_attn.q_proj"


def store(folder, config=(), parts=("lora_A", "lora_B")):
    tensors = {
        "lora_A": torch.tensor([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]]),
        "lora_B": torch.tensor([[1.0, 0.0], [0.0, 2.0]]),
        "lora_magnitude_vector": torch.ones(2),
    }
    save_file({f"{NAME}.{part}.weight": tensors[part] for part in parts}, folder / WEIGHTS)
    values = {"r": 2, "lora_alpha": 8, **dict(config)}
    (folder / CONFIG).write_text(json.dumps(values))
    return folder


@pytest.mark.parametrize(("config", "scale"), [({}, 4.0), ({"use_rslora": True}, 8 / 2**0.5)])
def test_the_update_is_alpha_by_r_times_b_a(tmp_path, config, scale):
    updates = read_updates(store(tmp_path, config))
    assert list(updates) == ["model.layers.0.self_attn.q_proj"]
    added = updates["model.layers.0.self_attn.q_proj"].added_to(torch.ones(2, 3).bfloat16())
    wanted = 1 + scale * torch.tensor([[1.0, 2.0, 3.0], [0.0, 2.0, 0.0]])
    assert torch.allclose(added, wanted)


@pytest.mark.parametrize(
    ("config", "parts", "named"),
    [
        ({"use_dora": True}, ("lora_A", "lora_B"), "use_dora"),
        ({"rank_pattern": {"q_proj": 4}}, ("lora_A", "lora_B"), "rank_pattern"),
        ({}, ("lora_A",), "q_proj"),
        ({}, ("lora_A", "lora_B", "lora_magnitude_vector"), "q_proj"),
    ],
)
def test_another_kind_is_named(tmp_path, config, parts, named):
    with pytest.raises(UnknownAdapterError, match=named):
        read_updates(store(tmp_path, config, parts))


def test_the_weight_itself_stays_as_it_is():
    weight = torch.ones(2, 2, dtype=torch.bfloat16)
    Update(torch.ones(1, 2), torch.ones(2, 1), 1.0).added_to(weight)
    assert torch.equal(weight, torch.ones(2, 2, dtype=torch.bfloat16))
