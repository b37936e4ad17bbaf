import dataclasses

import pytest

from core.config.training import TrainingConfig
from core.models.catalogue import find_entry
from core.models.families.uneven import uneven_of
from core.models.shape import ModelShape
from core.planning.memory import (
    MemorySettings,
    Quantisation,
    badge,
    gigabytes,
    host_need,
    memory_need,
    streamed_bytes,
)
from core.planning.planner import Room, planned_settings

LLAMA_8B = ModelShape.from_dimensions(
    hidden_size=4096, layers=32, heads=32, kv_heads=8, ffn_size=14336, vocab_size=128256,
    context_length=8192, tied_embeddings=False,
)  # fmt: skip
BASE = MemorySettings(layers="peft16", trained_share=1.0, recompute=1.0)


def total(**changes: object) -> int:
    return memory_need(LLAMA_8B, dataclasses.replace(BASE, **changes)).total


def test_weights_of_an_8b_in_4_bits() -> None:
    need = memory_need(LLAMA_8B, BASE)
    assert need.weights == pytest.approx(0.51590 * 6_979_321_856 + 2 * 1_050_939_392, rel=1e-6)


def test_layer_bytes_equal_those_measured_with_hooks() -> None:
    one = memory_need(LLAMA_8B, dataclasses.replace(BASE, recompute=0.0, micro_batch_tokens=1))
    assert one.activations == 32 * 184_680
    fused = dataclasses.replace(BASE, recompute=0.0, micro_batch_tokens=1, layers="fused")
    assert memory_need(LLAMA_8B, fused).activations == 32 * 94_568


@pytest.mark.parametrize(
    ("kept", "changes", "measured"),
    [  # one H200, 8 x 512 tokens, rank 16, 8-bit AdamW; then with two blocks of logits at a time
        (32, {}, 18.69), (24, {}, 16.05), (16, {}, 13.42), (8, {}, 10.78), (0, {}, 8.15),
        (0, {"offload_inputs": True, "host_embedding": True, "loss_chunk_tokens": 520}, 5.78),
    ],
)  # fmt: skip
def test_the_fused_layers_take_on_a_card_what_was_measured(
    kept: int, changes: dict[str, object], measured: float
) -> None:
    settings = MemorySettings(
        layers="fused", trained_share=1.0, optimizer_bytes=10, recompute=1 - kept / 32,
        loss_chunk_tokens=4096,
    )  # fmt: skip
    need = memory_need(LLAMA_8B, dataclasses.replace(settings, **changes))
    assert need.allocated / 2**30 == pytest.approx(measured, rel=0.04)


def test_the_computers_memory_holds_weights_embedding_and_inputs() -> None:
    """An input of 1,000 tokens takes 8.2 MB, of which torch's pinned memory makes 8 MiB."""
    fused = dataclasses.replace(BASE, layers="fused", micro_batch_tokens=1000)
    assert host_need(LLAMA_8B, fused) == 0
    inputs = dataclasses.replace(fused, offload_inputs=True)
    assert host_need(LLAMA_8B, inputs) == 32 * (8 << 20)
    assert host_need(LLAMA_8B, dataclasses.replace(inputs, micro_batch_tokens=1025)) == 32 << 24
    assert host_need(LLAMA_8B, dataclasses.replace(inputs, recompute=0.25)) == 8 * (8 << 20)
    away = dataclasses.replace(inputs, host_embedding=True, stream_layers=32)
    embedding = 2 * 128256 * 4096
    assert host_need(LLAMA_8B, away) == (32 << 23) + embedding + streamed_bytes(LLAMA_8B, away)
    shared = streamed_bytes(LLAMA_8B, away)
    assert host_need(LLAMA_8B, away, 3) == 3 * host_need(LLAMA_8B, away) - 2 * shared
    tied = dataclasses.replace(LLAMA_8B, head_parameters=0)
    assert host_need(tied, away) == host_need(LLAMA_8B, away) - embedding


def test_what_waits_on_the_host_is_not_on_the_card() -> None:
    fused = dataclasses.replace(BASE, layers="fused", loss_chunk_tokens=512)
    resident = memory_need(LLAMA_8B, fused)
    streaming = dataclasses.replace(fused, stream_layers=32, host_embedding=True)
    need = memory_need(LLAMA_8B, streaming)
    embedding, layer = 2 * 128256 * 4096, 0.51590 * 6_979_321_856 / 32
    assert resident.weights - need.weights == pytest.approx(embedding + 30 * layer, rel=1e-4)
    assert streamed_bytes(LLAMA_8B, streaming) == pytest.approx(32 * layer, rel=1e-4)
    one = dataclasses.replace(fused, stream_layers=1)
    assert memory_need(LLAMA_8B, one).weights == resident.weights
    lean = memory_need(LLAMA_8B, dataclasses.replace(fused, offload_inputs=True))
    assert resident.activations / lean.activations == pytest.approx(32 / 3)


def gemma_4_e2b() -> ModelShape:
    """The smallest Gemma 4, whose layers are not alike; its linears are counted by hand."""
    config = {
        "hidden_size": 1536, "num_hidden_layers": 35, "num_attention_heads": 8, "head_dim": 256,
        "global_head_dim": 512, "num_key_value_heads": 1, "intermediate_size": 6144,
        "num_kv_shared_layers": 20, "use_double_wide_mlp": True, "vocab_size": 262144,
        "layer_types": (["sliding_attention"] * 4 + ["full_attention"]) * 7,
    }  # fmt: skip
    uneven = uneven_of(config, "gemma4_text")
    assert uneven is not None
    shape = ModelShape.from_dimensions(
        hidden_size=1536, layers=35, heads=8, kv_heads=1, head_dim=256, ffn_size=6144,
        vocab_size=262144, context_length=131072, tied_embeddings=True,
    )  # fmt: skip
    return dataclasses.replace(shape.with_uneven(uneven), capped=True)


def test_of_gemma_4_the_table_waits_on_the_host_though_the_embedding_cannot() -> None:
    shape, fused = gemma_4_e2b(), dataclasses.replace(BASE, layers="fused", loss_chunk_tokens=256)
    table, embedding, norms = 262144 * 35 * 256, 262144 * 1536, shape.norm_parameters
    near, far = 2 * 2048 * 1536, 2 * 4096 * 1536  # queries and what is behind the heads
    keys = (12 * 2 * 256 + 3 * 2 * 512) * 1536
    linears = 28 * near + 7 * far + keys + (15 + 2 * 20) * 3 * 6144 * 1536 + 35 * 2 * 256 * 1536
    here = memory_need(shape, fused)
    assert here.weights == round(0.51590 * linears) + 2 * (table + embedding + norms)
    away = dataclasses.replace(fused, host_embedding=True)
    assert here.weights - memory_need(shape, away).weights == 2 * table
    assert host_need(shape, away) == 2 * table
    streamed = dataclasses.replace(away, stream_layers=35)
    ring = 2 * 0.51590 * (far + 3 * 12288 * 1536 + 2 * 256 * 1536)  # two of the largest layer
    assert memory_need(shape, streamed).weights == round(ring) + 2 * (embedding + norms)
    assert host_need(shape, streamed) == round(0.51590 * linears) + 2 * table


def test_a_qwen_3_5_of_9_billion_weights_streamed_by_hand() -> None:
    """24 layers with states, 8 with attention and its gates: two of the former lie in the ring."""
    entry = find_entry("qwen3.5-9b")
    assert entry is not None
    settings = dataclasses.replace(
        BASE, layers="fused", loss_chunk_tokens=256, stream_layers=32, host_embedding=True
    )
    block, table = 3 * 4096 * 12288, 248320 * 4096
    attention = 4096 * (2 * 4096 + 2 * 1024) + 4096 * 4096
    states = 4096 * 12352 + 4096 * 4096
    linears = 8 * (attention + block) + 24 * (states + block)
    rest = 65 * 4096 + 455_991_872  # norms, and the tower for pictures
    need = memory_need(entry.shape, settings)
    assert need.weights == round(2 * 0.51590 * (states + block)) + 2 * (table + rest)
    assert host_need(entry.shape, settings) == round(0.51590 * linears) + 2 * table
    assert need.total + 900_000_000 < 8 * 2**30 < 9.4e9  # on a card that shows a desktop, too


def test_capped_logits_take_a_second_block() -> None:
    shape = gemma_4_e2b()
    settings = dataclasses.replace(BASE, layers="fused", loss_chunk_tokens=4096, recompute=1.0)
    plain = memory_need(dataclasses.replace(shape, capped=False), settings)
    assert memory_need(shape, settings).working - plain.working == 2 * 262144 * 4096


def test_parts_add_up() -> None:
    need = memory_need(LLAMA_8B, BASE)
    assert need.total == sum(dataclasses.asdict(need).values())
    assert all(part > 0 for part in dataclasses.asdict(need).values())


def test_what_saves_memory_saves_memory() -> None:
    assert total(recompute=0.0) > total(recompute=0.5) > total(recompute=1.0)
    assert total(micro_batch_tokens=8192) > total() > total(micro_batch_tokens=1024)
    assert total(quantisation="none") > total() > total(optimizer_bytes=10)
    assert total(rank=64) > total(rank=16) > total(loss_chunk_tokens=1024)
    assert total(trained_share=0.3) < total()
    assert (
        total(recompute=0.0, layers="fused")
        < total(recompute=0.0)
        < total(recompute=0.0, layers="peft")
    )


def test_an_8b_fits_a_24_gb_card_but_not_one_of_8() -> None:
    assert 10e9 < total() < 20e9
    assert badge(total(), 23_000_000_000).level == "fits"
    assert badge(total(), 8_000_000_000).level == "wont_fit"


@pytest.mark.parametrize(
    ("dimensions", "rank", "measured"),
    [  # bytes that autograd saved for one more layer and token, counted with hooks
        ((256, 512, 4, 2), 8, 12_168),
        ((256, 512, 4, 2), 64, 16_536),
        ((192, 704, 6, 3), 16, 12_528),
        ((320, 1024, 5, 5), 32, 21_180),
    ],
)
def test_layers_of_peft_keep_what_was_measured(
    dimensions: tuple[int, int, int, int], rank: int, measured: int
) -> None:
    hidden, ffn, heads, kv_heads = dimensions
    shape = ModelShape.from_dimensions(
        hidden_size=hidden, layers=1, heads=heads, kv_heads=kv_heads, ffn_size=ffn,
        vocab_size=1000, context_length=512, tied_embeddings=False,
    )  # fmt: skip
    need = memory_need(shape, MemorySettings(rank=rank, micro_batch_tokens=1))
    assert need.activations == pytest.approx(measured, rel=0.08)


@pytest.mark.parametrize(
    ("tokens", "quantisation", "measured"),
    [(512, "nf4", 1.69e9), (1024, "nf4", 2.53e9), (2048, "nf4", 4.17e9), (1024, "none", 2.49e9)],
)
def test_the_sample_on_a_processor_needs_what_was_measured(
    tokens: int, quantisation: Quantisation, measured: float
) -> None:
    entry = find_entry("sample")
    assert entry is not None
    settings = MemorySettings(
        device="cpu", micro_batch_tokens=tokens, quantisation=quantisation, trained_share=0.12
    )
    assert memory_need(entry.shape, settings).total == pytest.approx(measured, rel=0.09)


@pytest.mark.parametrize(
    ("changes", "measured"),
    [
        ({"micro_batch_tokens": 512}, 1.29e9),
        ({"micro_batch_tokens": 1024}, 1.60e9),
        ({"micro_batch_tokens": 2048}, 2.19e9),
        ({"micro_batch_tokens": 1024, "rank": 128}, 2.24e9),
        ({"micro_batch_tokens": 1024, "quantisation": "none"}, 1.57e9),
    ],
)
def test_the_sample_on_the_fast_path_needs_what_was_measured(
    changes: dict[str, object], measured: float
) -> None:
    entry = find_entry("sample")
    assert entry is not None
    planned = planned_settings(entry.shape, TrainingConfig(), Room("cpu", None), entry.model_type)
    settings = dataclasses.replace(planned, trained_share=0.12, **changes)
    assert settings.layers == "fused"
    assert memory_need(entry.shape, settings).total == pytest.approx(measured, rel=0.13)


@pytest.mark.parametrize(
    ("need", "free", "level", "sentence"),
    [
        (9_000_000_000, 21_500_000_000, "fits", "Needs about 9 of 21 GB free"),
        (20_000_000_000, 21_000_000_000, "tight", "Needs about 20 of 21 GB free"),
        (22_000_000_001, 21_000_000_000, "wont_fit", "Needs about 23 of 21 GB free"),
        (None, 5, "unknown", "The free memory could not be read."),
        (1_230_000_000, None, "unknown", "Needs about 1.3 GB; the free memory could not be read."),
    ],
)  # fmt: skip
def test_badge_shows_the_numbers(need, free, level, sentence) -> None:  # type: ignore[no-untyped-def]
    found = badge(need, free)
    assert found.level == level
    assert found.sentence in (sentence, f"{sentence} on the graphics card.")


def test_badge_names_the_memory_it_means() -> None:
    assert "computer's memory" in badge(1, 10**10, "cpu").sentence


def test_needs_are_rounded_up_and_room_down() -> None:
    assert (gigabytes(1_000_000_001), gigabytes(1_999_999_999, down=True)) == ("1.1", "1.9")
    assert (gigabytes(10_000_000_001), gigabytes(10_999_999_999, down=True)) == ("11", "10")
