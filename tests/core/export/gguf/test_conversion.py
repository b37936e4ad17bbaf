"""The file holds what the model holds, packed as asked."""

import gguf
import numpy as np
import pytest
from safetensors.torch import load_file

from core.errors import UserFacingError
from core.export.gguf.conversion import Source, packed_rows, told_name, with_its_date
from core.storage.files import read_json, write_json


def test_wide_tensors_are_the_models_own(saved):
    reader = gguf.GGUFReader(saved.files["F16"])
    weights = load_file(saved.merged / "model.safetensors")
    stored = {tensor.name: tensor for tensor in reader.tensors}
    assert len(stored) == len(weights)
    for ours, theirs in (
        ("token_embd.weight", "model.embed_tokens.weight"),
        ("blk.1.ffn_down.weight", "model.layers.1.mlp.down_proj.weight"),
        ("blk.0.attn_v.weight", "model.layers.0.self_attn.v_proj.weight"),
        ("output_norm.weight", "model.norm.weight"),
    ):
        wide = stored[ours].data.astype(np.float32)
        expected = weights[theirs].float().half().float().numpy()
        assert np.array_equal(wide.reshape(expected.shape), expected), ours


def test_the_file_says_how_it_is_packed(saved):
    kinds = {"F16": 1, "Q8_0": 7, "Q4_K_M": 15}
    for quant, file in saved.files.items():
        reader = gguf.GGUFReader(file)
        assert reader.get_field("general.file_type").contents() == kinds[quant]
        assert reader.get_field("general.name").contents() == "Tiny"
        assert "im_start" in reader.get_field("tokenizer.chat_template").contents()
    sizes = [saved.files[quant].stat().st_size for quant in ("F16", "Q8_0", "Q4_K_M")]
    assert sizes == sorted(sizes, reverse=True)


def test_blocks_are_those_of_the_reference(saved):
    """gguf packs Q8_0 in numpy; libgguf must give the same bytes."""
    rows = np.random.default_rng(1).normal(size=(4, 256)).astype(np.float32)
    kind = gguf.GGMLQuantizationType.Q8_0
    assert np.array_equal(packed_rows(rows, kind), gguf.quants.quantize(rows, kind))


def test_an_unknown_kind_of_model_is_refused(saved, tmp_path):
    for path in saved.merged.iterdir():
        if path.name != "config.json":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    config = read_json(saved.merged / "config.json")
    write_json(tmp_path / "config.json", config | {"architectures": ["OwnForCausalLM"]})
    with pytest.raises(UserFacingError) as refusal:
        Source(tmp_path, "F16", tmp_path / "x.gguf", "x")
    assert refusal.value.code == "export.no_gguf"


def test_columns_that_matter_are_packed_more_exactly():
    rows = np.random.default_rng(2).normal(size=(64, 256)).astype(np.float32)
    importance = np.ones(256, np.float32)
    importance[:32] = 1e4
    for kind in (gguf.GGMLQuantizationType.Q4_K, gguf.GGMLQuantizationType.Q5_0):
        errors = {}
        for matters in (None, importance):
            packed = packed_rows(rows, kind, matters)
            found = gguf.quants.dequantize(packed, kind)
            errors[matters is None] = np.square(found - rows)[:, :32].mean()
        assert errors[False] < errors[True], kind


def test_what_was_measured_is_named_as_the_file_names_it(saved, tmp_path):
    importance = {
        "model.layers.1.mlp.down_proj": np.ones(128, np.float32),
        "model.layers.0.self_attn.q_proj": np.ones(64, np.float32),
        "model.layers.0.self_attn.k_proj": np.ones(3, np.float32),
        "vision.layers.0.fc": np.ones(64, np.float32),
    }
    source = Source(saved.merged, "Q4_K_M", tmp_path / "x.gguf", "x", importance)
    assert set(source._importance) == {"blk.1.ffn_down.weight", "blk.0.attn_q.weight"}


@pytest.mark.parametrize(
    ("added", "name", "told"),
    [
        ([], "My PHI-3 answers", "My Phi 3 answers"),
        ([], "Answers", "Answers"),
        ([("<|end|>", True)], "phi3", "Phi 3"),
        ([("<unk>", False), ("<s>", False), ("<|endoftext|>", True)], "Answers", "Answers Phi-3"),
        ([("<unk>", False), ("<s>", False), ("<|endoftext|>", True)], "my phi3", "my phi3"),
    ],
)
def test_llama_cpp_draws_no_wrong_conclusion_from_a_name(tmp_path, added, name, told):
    tokens = [{"content": content, "rstrip": strips} for content, strips in added]
    write_json(tmp_path / "tokenizer.json", {"added_tokens": tokens})
    assert told_name(tmp_path, name) == told


def test_a_template_keeps_the_date_that_was_trained_with():
    fixed = '{%- if not date_string is defined %}{%- set date_string = "26 Jul 2024" %}{%- endif %}'
    assert with_its_date(fixed) == '{%- set date_string = "26 Jul 2024" %}' + fixed
    for other in ("{{ messages }}", fixed + '{{ strftime_now("%d") }}'):
        assert with_its_date(other) == other
