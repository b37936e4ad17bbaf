"""Bases of 8 and 4 bits: what is read of them, loaded and trained."""

import pytest
import torch
from bitsandbytes.functional import dequantize_4bit

from core.models.experts.modules import experts_of, matrices
from core.models.experts.packing import BlockExperts
from core.models.inspection import inspect_model
from core.models.loading import count_parameters, load_base
from core.models.stored.reading import fp8
from tests.campaigns.families import known
from tests.campaigns.family_models import make_model
from tests.core.models.stored.packed_models import to_fp8, to_mxfp4


def weights(model):
    return {n: p for n, p in model.named_parameters() if n.endswith("_proj.weight")}


@pytest.mark.parametrize("family", ["llama", "granite", "qwen3_moe"])
def test_weights_of_8_bits_are_loaded_in_16_and_in_4(tmp_path, family):
    folder = make_model(family, known()[family], tmp_path / "m")
    before, original = inspect_model(folder), load_base(folder, "none", "cpu")
    held = to_fp8(folder)
    facts = inspect_model(folder)
    assert (facts.quantisation, facts.shape, facts.dtype) == ("FP8", before.shape, "bfloat16")
    wide, packed = load_base(folder, "none", "cpu"), load_base(folder, "nf4", "cpu")
    assert count_parameters(packed)[1] == facts.parameters
    for name, weight in weights(wide).items():
        assert torch.equal(weight, held[name])
        small = weights(packed)[name]
        lost = _apart(dequantize_4bit(small.data, small.quant_state), weights(original)[name])
        assert lost < 0.115  # 4 bits of the original weights alone: 0.09
    ids = torch.tensor([[5, 6, 7, 8]])
    assert wide(input_ids=ids).logits.isfinite().all()
    assert packed.generation_config.eos_token_id == original.generation_config.eos_token_id


def _apart(one, other):
    return float((one.float() - other.float()).norm() / other.float().norm())


def test_experts_in_mxfp4_stay_as_they_are(tmp_path):
    folder = make_model("gpt_oss", known()["gpt_oss"], tmp_path / "m")
    before = inspect_model(folder)
    held = to_mxfp4(folder)
    facts = inspect_model(folder)
    assert (facts.quantisation, facts.shape) == ("MXFP4", before.shape)
    wide, packed = load_base(folder, "none", "cpu"), load_base(folder, "nf4", "cpu")
    assert count_parameters(packed)[1] == facts.parameters
    for (name, module), (_, other) in zip(experts_of(packed), experts_of(wide), strict=True):
        for matrix in matrices(module):
            parameter = getattr(module, matrix)
            assert type(parameter) is BlockExperts
            assert torch.equal(parameter.unpacked(), held[f"{name}.{matrix}"])
            assert torch.equal(getattr(other, matrix), held[f"{name}.{matrix}"])


def test_transformers_reads_the_same(tmp_path):
    from transformers import AutoModelForCausalLM
    from transformers.utils.quantization_config import Mxfp4Config

    folder = make_model("gpt_oss", known()["gpt_oss"], tmp_path / "m")
    to_mxfp4(folder)
    theirs = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.bfloat16, quantization_config=Mxfp4Config(dequantize=True)
    )
    ours = load_base(folder, "none", "cpu")
    pairs = zip(ours.named_parameters(), theirs.named_parameters(), strict=True)
    assert all(torch.equal(a, b) for (_, a), (_, b) in pairs)


def test_blocks_that_do_not_fill_the_matrix():
    weight = torch.ones(5, 7).to(torch.float8_e4m3fn)
    scales = torch.tensor([[1.0, 2.0], [4.0, 8.0]])
    whole = fp8(weight, scales, (4, 4))
    assert whole[0].tolist() == [1, 1, 1, 1, 2, 2, 2]
    assert whole[4].tolist() == [4, 4, 4, 4, 8, 8, 8]
    assert fp8(weight, torch.tensor(3.0)).unique().tolist() == [3]
    by_row = fp8(weight, torch.arange(1.0, 6.0)[:, None])
    assert by_row[:, 0].tolist() == [1, 2, 3, 4, 5]


def test_a_streamed_model_of_8_bits(tmp_path):
    from core.training.engine.offload.layerwise import load_layerwise

    folder = make_model("llama", known()["llama"], tmp_path / "m")
    to_fp8(folder)
    whole = load_base(folder, "nf4", "cpu")
    streamed = load_layerwise(folder, "nf4", "cpu", lambda _layer: False)
    for name, weight in weights(whole).items():
        other = weights(streamed)[name]
        assert torch.equal(weight.data, other.data)
