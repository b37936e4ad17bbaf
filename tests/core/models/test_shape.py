from core.models.shape import ModelShape

LLAMA_3_8B = ModelShape.from_dimensions(
    hidden_size=4096, layers=32, heads=32, kv_heads=8, ffn_size=14336, vocab_size=128256,
    context_length=8192, tied_embeddings=False,
)  # fmt: skip


def test_llama_3_8b_has_its_published_size() -> None:
    assert LLAMA_3_8B.total_parameters == 8_030_261_248


def test_rank_16_on_all_linears_of_8b_is_42_million() -> None:
    assert LLAMA_3_8B.lora_parameters(16) == 41_943_040


def test_kv_width_and_ties() -> None:
    assert LLAMA_3_8B.kv_width == 1024
    assert not LLAMA_3_8B.tied_embeddings
