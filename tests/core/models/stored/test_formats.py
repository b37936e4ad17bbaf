"""What a model of 8 or 4 bits is taken for by its headers."""

from pathlib import Path

from core.models.config import stored_format
from core.models.stored.formats import as_unpacked, is_scale
from core.models.weights import Tensor, WeightFile


def test_headers_are_read_as_those_of_16_bits():
    tensors = {
        "model.layers.0.mlp.experts.down_proj_blocks": Tensor("U8", (4, 64, 3, 16)),
        "model.layers.0.mlp.experts.down_proj_scales": Tensor("U8", (4, 64, 3)),
        "model.layers.0.mlp.experts.down_proj_bias": Tensor("BF16", (4, 64)),
        "model.layers.0.self_attn.q_proj.weight": Tensor("F8_E4M3", (64, 32)),
        "model.layers.0.self_attn.q_proj.weight_scale_inv": Tensor("F32", (1, 1)),
    }
    (file,) = as_unpacked([WeightFile(Path("a"), 9, b"{}", tensors)])
    assert {name: (t.dtype, t.shape) for name, t in file.tensors.items()} == {
        "model.layers.0.mlp.experts.down_proj": ("BF16", (4, 96, 64)),
        "model.layers.0.mlp.experts.down_proj_bias": ("BF16", (4, 64)),
        "model.layers.0.self_attn.q_proj.weight": ("BF16", (64, 32)),
    }


def test_only_known_formats_count():
    assert stored_format({"quant_method": "fp8"}) == "FP8"
    assert stored_format({"quant_method": "mxfp4"}) == "MXFP4"
    assert stored_format({"quant_method": "gptq"}) == stored_format(None) == ""
    assert is_scale("a.weight_scale_inv") and not is_scale("a.weight")
