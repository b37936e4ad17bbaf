"""The adapter alone as GGUF is what llama.cpp's converter makes of the difference it makes."""

import gguf
import numpy as np
import pytest

from core.errors import UserFacingError
from core.export.gguf.conversion import Source
from core.export.gguf.lora import lora_alpha, lora_pairs, write_lora
from core.export.merging.merge import Merge
from core.export.tokenizer import write_tokenizer
from core.models.lora import Update


@pytest.fixture(scope="module")
def file(walked, adapter, tmp_path_factory):
    file = tmp_path_factory.mktemp("lora") / "tiny-LoRA.gguf"
    write_lora(walked.base, adapter, file, "Tiny")
    return file


def test_base_and_file_together_are_the_merged_model(walked, adapter, tuned, file, tmp_path):
    merged = tmp_path / "merged"
    merged.mkdir()
    Merge(walked.base, adapter, "original", "cpu").write(merged, lambda _done, _total: None)
    write_tokenizer(walked.base, tuned.tokenizer, merged)
    reader = gguf.GGUFReader(file)
    alpha = reader.get_field("adapter.lora.alpha").contents()
    parts = {tensor.name: tensor.data for tensor in reader.tensors}
    before = Source(walked.base, "F16", tmp_path / "a.gguf", "")
    after = Source(merged, "F16", tmp_path / "b.gguf", "")
    names = {name.removesuffix(".lora_a") for name in parts if name.endswith(".lora_a")}
    assert any("attn_q" in name for name in names)  # whose rows llama.cpp orders otherwise
    assert len(parts) == 2 * len(names)
    for name in names:
        down, up = parts[f"{name}.lora_a"], parts[f"{name}.lora_b"]
        added = alpha / len(down) * (up @ down)
        found = after.tensor(name) - before.tensor(name)
        assert np.abs(added).max() > 0
        rounding = 2.0**-7 * np.abs(before.tensor(name)).max()  # both models keep 8 bits
        np.testing.assert_allclose(found, added, atol=rounding)


def test_it_says_that_it_is_an_adapter(file):
    reader = gguf.GGUFReader(file)
    assert reader.get_field("general.type").contents() == "adapter"
    assert reader.get_field("adapter.type").contents() == "lora"
    assert reader.get_field("general.architecture").contents() == "llama"


def test_weights_of_unequal_strength_are_refused(monkeypatch, tmp_path):
    import torch

    one = Update(torch.ones(4, 8), torch.ones(8, 4), 2.0)
    other = Update(torch.ones(4, 8), torch.ones(8, 4), 1.0)
    monkeypatch.setattr("core.export.gguf.lora.updates_of", lambda _a: {"x": one, "y": other})
    with pytest.raises(UserFacingError, match="cannot be saved as GGUF") as refused:
        lora_alpha(tmp_path)
    assert refused.value.code == "export.no_gguf"


def test_what_the_converter_divides_is_refused(walked, adapter, monkeypatch, tmp_path):
    def split(_self, values, name, _layer):
        yield name, values[: len(values) // 2]
        yield f"{name}.other", values[len(values) // 2 :]

    from core.export.gguf.lora import _converter_for

    kind = type(_converter_for(walked.base, tmp_path / "x.gguf"))
    monkeypatch.setattr(kind, "modify_tensors", split)
    with pytest.raises(UserFacingError) as refused:
        next(lora_pairs(walked.base, adapter, tmp_path / "x.gguf"))
    assert refused.value.code == "export.no_gguf"
