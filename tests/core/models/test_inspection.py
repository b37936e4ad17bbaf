import json
import pickle
import random
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from core.errors import UserFacingError
from core.models.inspection import SUPPORTED, inspect_model
from core.models.loading import load_base
from tests.core.models.folders import CONFIG, make_family, make_model, weights


def refused(folder: Path) -> UserFacingError:
    with pytest.raises(UserFacingError) as caught:
        inspect_model(folder)
    return caught.value


def test_counts_what_is_stored(tmp_path: Path) -> None:
    facts = inspect_model(make_model(tmp_path / "Modell ü 漢字"))
    tensors = weights(CONFIG)
    assert facts.parameters == sum(tensor.size for tensor in tensors.values())
    linears = [t for n, t in tensors.items() if "_proj" in n]
    assert facts.shape.linear_parameters == sum(t.size for t in linears)
    assert facts.shape.linear_widths == sum(sum(t.shape) for t in linears)
    assert facts.shape.embedding_parameters == 3200
    assert facts.shape.head_parameters == 0
    assert facts.shape.norm_parameters == 5 * 32
    assert facts.shape.largest_linear == 32 * 48
    assert (facts.name, facts.dtype, facts.licence) == ("Modell ü 漢字", "float16", "unknown")
    assert not facts.has_chat_template


def test_counts_an_untied_head(tmp_path: Path) -> None:
    facts = inspect_model(make_model(tmp_path / "m", tie_word_embeddings=False))
    assert facts.shape.head_parameters == 3200
    assert not facts.shape.tied_embeddings


def test_dimensions_worked_out_equal_those_stored(tmp_path: Path) -> None:
    facts = inspect_model(make_model(tmp_path / "m"))
    worked_out = type(facts.shape).from_dimensions(
        hidden_size=32, layers=2, heads=4, kv_heads=2, ffn_size=48, vocab_size=100,
        context_length=512, tied_embeddings=True,
    )  # fmt: skip
    assert facts.shape == worked_out


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("chat_template.jinja", "{{ messages }}"),
        ("tokenizer_config.json", '{"chat_template": "{{ messages }}"}'),
    ],
)
def test_finds_the_chat_template(tmp_path: Path, file: str, content: str) -> None:
    folder = make_model(tmp_path / "m")
    (folder / file).write_text(content, encoding="utf-8")
    assert inspect_model(folder).has_chat_template


def test_reads_several_files_by_their_index(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "m")
    whole = inspect_model(folder).shape
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(tensors)
    parts = {"a.safetensors": names[:5], "b.safetensors": names[5:]}
    for file, part in parts.items():
        save_file({name: tensors[name] for name in part}, folder / file)
    index = {"weight_map": {name: file for file, part in parts.items() for name in part}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    assert inspect_model(folder).shape == whole
    (folder / "b.safetensors").unlink()
    assert refused(folder).code == "model.incomplete"


def test_another_layout_of_the_weights_beside_them_does_not_count(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "m")
    before = inspect_model(folder)
    save_file({"layers.0.attention.wq.weight": weights(CONFIG)["model.embed_tokens.weight"]},
              folder / "consolidated.safetensors")  # fmt: skip
    after = inspect_model(folder)
    assert (after.shape, after.fingerprint) == (before.shape, before.fingerprint)
    assert after.weight_files == ("model.safetensors",)
    (folder / "model.safetensors").rename(folder / "renamed.safetensors")
    assert refused(folder).code == "model.no_weights"


def test_fingerprint_is_stable_and_tells_models_apart(tmp_path: Path) -> None:
    one = inspect_model(make_model(tmp_path / "one")).fingerprint
    assert one == inspect_model(make_model(tmp_path / "copy")).fingerprint
    assert one != inspect_model(make_model(tmp_path / "other", vocab_size=101)).fingerprint
    (tmp_path / "one" / "README.md").write_text("hello", encoding="utf-8")
    assert one == inspect_model(tmp_path / "one").fingerprint


def test_hub_cache_folder_has_its_hub_name(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "models--org--some-model" / "snapshots" / "0123abcd")
    assert inspect_model(folder).name == "org/some-model"


def test_refuses_a_missing_folder(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere").code == "model.not_found"


def test_refuses_a_folder_without_weights(tmp_path: Path) -> None:
    assert refused(tmp_path).code == "model.no_weights"
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    assert refused(tmp_path).code == "model.no_weights"


def test_refuses_pickle_weights_and_names_them(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "m")
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({}))
    error = refused(folder)
    assert error.code == "model.pickle"
    assert "pytorch_model.bin" in error.details


def test_pickles_beside_safetensors_do_no_harm(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "m")
    (folder / "training_args.bin").write_bytes(b"never read")
    assert inspect_model(folder).architecture == "LlamaForCausalLM"


def test_refuses_gguf_and_adapters(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    assert refused(tmp_path).code == "model.gguf"
    (tmp_path / "adapter_config.json").write_text("{}", encoding="utf-8")
    assert refused(tmp_path).code == "model.is_adapter"


NOBODYS = {"architectures": ["EvilForCausalLM"], "model_type": "evil"}
CODE = {"nested": [{"auto_map": {"AutoModel": "evil.Model"}}]}


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json", "processor_config.json"])
def test_refuses_a_model_that_only_its_own_code_could_load(tmp_path: Path, file: str) -> None:
    folder = make_model(tmp_path / "m")
    for name, values in (("config.json", CONFIG | NOBODYS), (file, CODE)):
        before = json.loads(path.read_text()) if (path := folder / name).is_file() else {}
        path.write_text(json.dumps(before | values), encoding="utf-8")
    error = refused(folder)
    assert error.code == "model.custom_code"
    assert file in error.details


def test_refuses_python_files_that_a_model_needs_and_does_not_run_them(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "m", **NOBODYS)
    assert refused(folder).code == "model.unsupported"
    canary = tmp_path / "ran"
    (folder / "modeling.py").write_text(f"open({str(canary)!r}, 'w')", encoding="utf-8")
    assert refused(folder).code == "model.custom_code"
    assert not canary.exists()


PHI3 = {
    "AutoConfig": "configuration_phi3.Phi3Config",
    "AutoModelForCausalLM": "modeling_phi3.Phi3ForCausalLM",
}


def phi3_with_code(folder: Path, canary: Path, **config: object) -> Path:
    """Write a Phi 3 as its maker distributes it, with code that would leave a trace."""
    make_family(folder, "Phi3ForCausalLM")
    values = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**values, "auto_map": PHI3, **config}))
    for name in ("configuration_phi3.py", "modeling_phi3.py", "evil.py"):
        (folder / name).write_text(f"open({str(canary)!r}, 'w')", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"auto_map": {**PHI3, "AutoConfig": "evil.Phi3Config"}},
        {"auto_map": {**PHI3, "AutoTokenizer": ["evil.Tokenizer", None]}},
        {"auto_map": {"AutoModelForCausalLM": "evil/repo--evil.Phi3ForCausalLM"}},
        {"inner": {"auto_map": PHI3}},
        {"architectures": ["EvilPhiForCausalLM"]},
    ],
)
def test_a_model_with_code_is_loaded_with_the_librarys_own_class(tmp_path: Path, config) -> None:
    folder = phi3_with_code(tmp_path / "m", tmp_path / "ran", **config)
    assert inspect_model(folder).model_type == "phi3"
    model = load_base(folder, "none", "cpu")
    assert type(model).__module__ == "transformers.models.phi3.modeling_phi3"
    assert not (tmp_path / "ran").exists()


def test_another_familys_class_is_not_taken(tmp_path: Path) -> None:
    folder = phi3_with_code(tmp_path / "m", tmp_path / "ran", architectures=["MambaForCausalLM"])
    assert refused(folder).code == "model.custom_code"


def test_an_adapter_names_its_base(tmp_path: Path) -> None:
    values = {"base_model_name_or_path": "somebody/base-1b"}
    (tmp_path / "adapter_config.json").write_text(json.dumps(values), encoding="utf-8")
    error = refused(tmp_path)
    assert error.code == "model.is_adapter"
    assert "somebody/base-1b" in error.todo
    for useless in ("{", "[]", '{"base_model_name_or_path": 3}'):
        (tmp_path / "adapter_config.json").write_text(useless, encoding="utf-8")
        assert refused(tmp_path).todo == "Choose the folder of the base model itself."


def test_refuses_foreign_architectures_and_lists_its_own(tmp_path: Path) -> None:
    error = refused(make_model(tmp_path / "m", architectures=["MambaForCausalLM"]))
    assert error.code == "model.unsupported"
    assert "MambaForCausalLM" in error.what
    assert all(family in error.todo for family in SUPPORTED.values())
    assert refused(make_model(tmp_path / "n", architectures=[])).code == "model.unsupported"


def test_refuses_a_config_of_another_model(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "m")
    for changes in ({"vocab_size": 99}, {"num_hidden_layers": 3}, {"tie_word_embeddings": False}):
        (folder / "config.json").write_text(json.dumps(CONFIG | changes), encoding="utf-8")
        assert refused(folder).code == "model.mismatch"


def test_refuses_a_missing_tokenizer(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "m")
    (folder / "tokenizer.json").unlink()
    assert refused(folder).code == "model.no_tokenizer"


def test_refuses_packed_models_but_for_bitsandbytes(tmp_path: Path) -> None:
    gptq = make_model(tmp_path / "m", quantization_config={"quant_method": "gptq"})
    error = refused(gptq)
    assert error.code == "model.quantised"
    assert "gptq" in error.what
    nf4 = {"quant_method": "bitsandbytes", "load_in_4bit": True}
    facts = inspect_model(make_model(tmp_path / "n", quantization_config=nf4))
    assert facts.quantisation == "bitsandbytes 4-bit"
    assert facts.parameters == sum(tensor.size for tensor in weights(CONFIG).values())


def test_random_damage_is_always_a_sentence(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "m")
    chance = random.Random(4)
    refusals = 0
    for name in ["config.json", "model.safetensors"] * 150:
        path = folder / name
        whole = path.read_bytes()
        damaged = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            damaged[chance.randrange(min(len(damaged), 2000))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            inspect_model(folder)
        except UserFacingError as error:
            refusals += 1
            assert error.what.endswith(".") and error.todo.endswith((".", ")."))
        path.write_bytes(whole)
    assert refusals > 200
    assert inspect_model(folder).parameters > 0


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    outside = tmp_path / "secret.json"
    outside.write_text("{}")
    folder = make_model(tmp_path / "model")
    (folder / "generation_config.json").symlink_to(outside)
    with pytest.raises(UserFacingError) as refusal:
        inspect_model(folder)
    assert refusal.value.code == "model.link_outside"
    assert "generation_config.json" in refusal.value.what


def test_links_inside_a_hub_cache_are_followed(tmp_path):
    cache = tmp_path / "models--org--name"
    folder = make_model(cache / "snapshots" / "abc")
    blob = cache / "blobs" / "1"
    blob.parent.mkdir()
    (folder / "config.json").rename(blob)
    (folder / "config.json").symlink_to(blob)
    assert inspect_model(folder).name == "org/name"
