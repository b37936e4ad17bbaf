"""Models of families that are known by their layout only: what is read of them, what is refused."""

import dataclasses
import json

import pytest

from core.errors import UserFacingError
from core.models.families.layout import text_config
from core.models.inspection import inspect_model
from core.models.loading import load_base
from core.planning.memory import CONTEXT, MemorySettings, memory_need
from core.planning.planner import Room, planned_settings
from tests.campaigns.families import CONFIG, known
from tests.campaigns.family_models import make_model


@pytest.mark.parametrize("family", ["gpt2", "granite", "gemma3", "bloom"])
def test_everything_that_is_stored_is_counted(tmp_path, family):
    facts = inspect_model(make_model(family, known()[family], tmp_path / family))
    model = load_base(facts.folder, "none", "cpu")
    shape = facts.shape
    assert shape.total_parameters == sum(p.numel() for p in model.parameters())
    assert (shape.hidden_size, shape.layers, shape.vocab_size) == (64, 4, 512)
    assert shape.from_layout
    assert shape.all_scores == (family == "bloom")
    assert facts.model_type == {"gemma3": "gemma3_text"}.get(family, family)


def test_an_unknown_family_is_planned_with_more(tmp_path):
    shape = inspect_model(make_model("arcee", "ArceeForCausalLM", tmp_path / "m")).shape
    known_shape = dataclasses.replace(shape, from_layout=False)
    settings = MemorySettings()
    need = memory_need(shape, settings)
    assert need.activations > 1.2 * memory_need(known_shape, settings).activations
    scores = memory_need(dataclasses.replace(shape, all_scores=True), settings)
    squares = shape.layers * shape.heads * settings.micro_batch_tokens**2
    assert scores.activations - need.activations == 12 * squares


def test_nothing_but_known_layouts_is_planned_layer_by_layer(tmp_path):
    facts = inspect_model(make_model("gemma3", known()["gemma3"], tmp_path / "m"))
    room = Room("gpu", CONTEXT["gpu"] + 1_000_000, 64 << 30)
    config = CONFIG.with_values({"max_length": 4096, "micro_batch_tokens": 4096})
    assert facts.shape.head_norms and facts.shape.post_norms
    for shape, streams in (
        (facts.shape, False),
        (dataclasses.replace(facts.shape, from_layout=False), True),
    ):
        planned = planned_settings(shape, config, room, facts.model_type)
        assert planned.layers == "fused" and bool(planned.stream_layers) == streams


def test_mixtures_are_refused_by_name(tmp_path):
    folder = make_model("mixtral", "MixtralForCausalLM", tmp_path / "m")
    with pytest.raises(UserFacingError) as refusal:
        inspect_model(folder)
    assert refusal.value.code == "model.unsupported"
    assert "mixture of experts" in refusal.value.what


@pytest.mark.parametrize("changes", [{"n_layer": 3}, {"vocab_size": 9999}])
def test_a_config_of_another_model_is_refused(tmp_path, changes):
    folder = make_model("gpt2", "GPT2LMHeadModel", tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))
    with pytest.raises(UserFacingError) as refusal:
        inspect_model(folder)
    assert refusal.value.code == "model.mismatch"


def test_the_text_part_of_a_config():
    assert text_config({"hidden_size": 1}) == {"hidden_size": 1}
    whole = {"text_config": {"hidden_size": 2}, "tie_word_embeddings": True, "hidden_size": 1}
    assert text_config(whole) == {"hidden_size": 2, "tie_word_embeddings": True}
