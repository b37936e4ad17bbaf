"""The types are those that llama.cpp's quantiser chooses."""

import pytest

from core.export.gguf.quants import BITS, QUANTS, Recipe, fitting

TIED = ["token_embd.weight"]
OWN_HEAD = ["token_embd.weight", "output.weight"]


@pytest.mark.parametrize(
    ("quant", "name", "width", "kind"),
    [
        ("Q4_K_M", "blk.0.attn_q.weight", 4096, "Q4_K"),
        ("Q4_K_M", "blk.0.attn_v.weight", 4096, "Q6_K"),
        ("Q4_K_M", "blk.4.attn_v.weight", 4096, "Q4_K"),
        ("Q4_K_M", "blk.6.ffn_down.weight", 4096, "Q6_K"),
        ("Q4_K_M", "blk.7.ffn_down.weight", 4096, "Q4_K"),
        ("Q4_K_M", "blk.31.ffn_down.weight", 4096, "Q6_K"),
        ("Q4_K_M", "blk.4.attn_qkv.weight", 4096, "Q5_K"),
        ("Q5_K_M", "blk.4.attn_qkv.weight", 4096, "Q6_K"),
        ("Q5_K_M", "blk.4.ffn_up.weight", 4096, "Q5_K"),
        ("Q6_K", "blk.4.ffn_up.weight", 4096, "Q6_K"),
        ("Q4_K_M", "blk.4.ffn_up.weight", 576, "Q5_0"),
        ("Q5_K_M", "blk.4.ffn_up.weight", 576, "Q5_1"),
        ("Q6_K", "blk.4.ffn_up.weight", 576, "Q8_0"),
        ("Q4_K_M", "blk.4.ffn_up.weight", 48, "F16"),
    ],
)
def test_the_type_of_a_weight(quant, name, width, kind):
    assert Recipe(quant, 32, OWN_HEAD).kind(name, width) == kind


def test_a_shared_embedding_is_packed_as_a_head():
    assert Recipe("Q4_K_M", 32, TIED).kind("token_embd.weight", 4096) == "Q6_K"
    assert Recipe("Q4_K_M", 32, OWN_HEAD).kind("token_embd.weight", 4096) == "Q4_K"
    assert Recipe("Q4_K_M", 32, OWN_HEAD).kind("output.weight", 4096) == "Q6_K"


def test_every_kind_has_a_size():
    assert set(BITS) == set(QUANTS)
    assert fitting("Q8_0", 33) == "F16"
