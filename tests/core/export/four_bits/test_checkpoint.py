"""What is packed can be read again, number for number, here and by the library."""

import pytest
import torch
from safetensors.torch import save_file

from core.export.four_bits.checkpoint import Checkpoint, quantization_config, unpacked
from core.export.four_bits.solver import Rounded
from core.storage.files import read_json, write_json


@pytest.fixture
def written(tmp_path):
    torch.manual_seed(2)
    merged, folder = tmp_path / "merged", tmp_path / "packed"
    merged.mkdir()
    folder.mkdir()
    tensors = {f"model.layers.{n}.up.weight": torch.randn(6, 64).bfloat16() for n in range(2)}
    tensors["model.norm.weight"] = torch.ones(64, dtype=torch.bfloat16)
    save_file(tensors, merged / "model.safetensors", {"format": "pt"})
    write_json(merged / "config.json", {"model_type": "llama"})
    (merged / "tokenizer.json").write_text("{}")
    names = {f"layers.{n}.up": f"model.layers.{n}.up.weight" for n in range(2)}
    parts = [
        {name: Rounded(torch.randint(-8, 8, (6, 64), dtype=torch.int8), torch.rand(6, 2))}
        for name in names
    ]
    seen = []
    made = Checkpoint(merged, names, ["lm_head"], 32, 2)
    made.write(folder, iter(parts), lambda done, total: seen.append((done, total)))
    return folder, parts, seen


def test_packed_layers_are_read_again_number_for_number(written):
    folder, parts, seen = written
    places = read_json(folder / "model.safetensors.index.json")["weight_map"]
    for part in parts:
        for name, found in part.items():
            assert torch.equal(unpacked(folder, f"model.{name}", places), found.weight())
    assert seen == [(1, 2), (2, 2)]


def test_the_library_reads_the_same(written):
    from compressed_tensors.compressors import PackedQuantizationCompressor
    from compressed_tensors.quantization import QuantizationScheme
    from safetensors.torch import load_file

    folder, parts, _seen = written
    places = read_json(folder / "model.safetensors.index.json")["weight_map"]
    start = "model.layers.1.up"
    stored = load_file(folder / places[f"{start}.weight_packed"])
    values = {name.rpartition(".")[2]: tensor for name, tensor in stored.items()}
    group = read_json(folder / "config.json")["quantization_config"]["config_groups"]["group_0"]
    read = PackedQuantizationCompressor.decompress(values, QuantizationScheme(**group))
    assert torch.equal(read["weight"].float(), parts[1]["layers.1.up"].weight())


def test_all_else_is_copied(written):
    folder, _parts, _seen = written
    places = read_json(folder / "model.safetensors.index.json")["weight_map"]
    assert set(places.values()) == {path.name for path in folder.glob("*.safetensors")}
    assert (folder / "tokenizer.json").is_file()
    assert places["model.norm.weight"].endswith("00003-of-00003.safetensors")
    assert not any(name.endswith("up.weight") for name in places)


def test_the_library_takes_the_settings():
    from compressed_tensors.quantization import QuantizationConfig

    found = QuantizationConfig.model_validate(quantization_config(64, ["lm_head"]))
    (scheme,) = found.config_groups.values()
    assert (scheme.weights.num_bits, scheme.weights.group_size) == (4, 64)
    assert found.ignore == ["lm_head"]
