"""Mixtures that are larger than the card: their experts wait in the computer's memory."""

from dataclasses import replace

import pytest

from core.config.training import TrainingConfig
from core.models.experts.sizes import expert_rank
from core.models.shape import ModelShape
from core.planning.estimate import Hardware, estimate
from core.planning.memory import NF4_BYTES, MemorySettings, host_need, memory_need, streamed_bytes
from core.planning.plan_text import plan_text
from core.planning.planner import (
    Room,
    engine_plan,
    host_memory_wanted,
    plan_in_words,
    planned_settings,
    seconds_per_token,
)
from core.planning.presets import PlanInput
from tests.core.planning.plan_inputs import GUIDE_DATA, MACHINE, RTX_3090, shape_of

GIB = 1 << 30
CONFIG = TrainingConfig(micro_batch_tokens=4096, max_length=1024, rank=16)


def _mixture(
    hidden: int, layers: int, heads: tuple[int, int, int], inner: int, vocabulary: int,
    count: int, per_token: int,
) -> ModelShape:  # fmt: skip
    query, key, dim = heads
    plain = ModelShape.from_dimensions(
        hidden_size=hidden, layers=layers, heads=query, kv_heads=key, head_dim=dim, ffn_size=inner,
        vocab_size=vocabulary, context_length=32768, tied_embeddings=False,
    )  # fmt: skip
    return plain.with_experts(count=count, per_token=per_token)


SHAPES = {
    "Qwen3-30B-A3B": _mixture(2048, 48, (32, 4, 128), 768, 151936, 128, 8),
    "gpt-oss-20b": _mixture(2880, 24, (64, 8, 64), 2880, 201088, 32, 4),
    "Mixtral-8x7B": _mixture(4096, 32, (32, 8, 128), 14336, 32000, 8, 2),
    "GLM-4.5-Air": _mixture(4096, 46, (96, 8, 128), 1408, 151552, 128, 8),
}
SIZES = (8, 12, 16, 24)
# With half a GiB of the card taken and 64 GiB of RAM: tokens at once, layers whose experts wait.
TABLE: dict[str, tuple[tuple[int, int] | None, ...]] = {
    "Qwen3-30B-A3B": ((2048, 48), (4096, 42), (4096, 30), (2048, 0)),
    "gpt-oss-20b": (None, (4096, 21), (4096, 12), (1024, 0)),
    "Mixtral-8x7B": (None, (2048, 32), (4096, 28), (4096, 16)),
    "GLM-4.5-Air": (None, None, None, (4096, 41)),
}


def _on(gib: float, host: float = 64) -> Room:
    return Room("gpu", int((gib - 0.5) * GIB), int(host * GIB))


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("gib", SIZES)
def test_every_card_gets_its_plan(name: str, gib: int) -> None:
    shape, room = SHAPES[name], _on(gib)
    settings = planned_settings(shape, CONFIG, room, "qwen3_moe")
    fits = room.holds(memory_need(shape, settings))
    found = (settings.micro_batch_tokens, settings.stream_layers)
    assert (found if fits else None) == TABLE[name][SIZES.index(gib)]
    assert not fits or room.host_holds(shape, settings)
    assert engine_plan(shape, settings).stream_layers == settings.stream_layers


def test_only_experts_wait_and_two_layers_of_them_are_on_the_card() -> None:
    shape = SHAPES["Qwen3-30B-A3B"]
    resident = MemorySettings()
    away = replace(resident, stream_layers=48)
    experts = NF4_BYTES * 48 * 128 * 3 * 2048 * 768
    assert streamed_bytes(shape, away) == pytest.approx(experts, rel=1e-6)
    assert host_need(shape, away) == streamed_bytes(shape, away)
    assert host_need(shape, away, cards=2) == 2 * streamed_bytes(shape, away)
    saved = memory_need(shape, resident).weights - memory_need(shape, away).weights
    assert saved == pytest.approx(experts * 46 / 48, rel=1e-6)
    half = replace(resident, stream_layers=24)
    assert streamed_bytes(shape, half) == pytest.approx(experts / 2, rel=1e-6)
    assert expert_rank(16, 8) == 2
    assert shape.lora_parameters(16) < 110e6  # an adapter stays on the card


def test_what_travels_is_counted_against_the_arithmetic() -> None:
    """16 GB up and down for 1,024 tokens take 1.3 s at 25 GB/s, much more than to compute them."""
    shape = SHAPES["Qwen3-30B-A3B"]
    away = MemorySettings(stream_layers=48, micro_batch_tokens=1024, recompute=1.0)
    few = seconds_per_token(shape, away)
    assert few * 1024 > 2 * streamed_bytes(shape, away) / 32e9
    assert few > 2 * seconds_per_token(shape, replace(away, stream_layers=0))
    assert few > 1.5 * seconds_per_token(shape, replace(away, micro_batch_tokens=4096))


def test_the_plan_says_so_and_how_much_memory_the_computer_needs() -> None:
    shape, room = SHAPES["Qwen3-30B-A3B"], _on(12)
    settings = planned_settings(shape, CONFIG, room, "qwen3_moe")
    assert "The model is larger than the card" in plan_in_words(shape, settings)
    tight = _on(12, host=8)
    poor = planned_settings(shape, CONFIG, tight, "qwen3_moe")
    assert not tight.holds(memory_need(shape, poor))
    wanted = host_memory_wanted(shape, CONFIG, tight, "qwen3_moe")
    assert wanted is not None and 8 * GIB < wanted < 16 * GIB
    enough = replace(tight, host_free=wanted)
    assert enough.holds(memory_need(shape, planned_settings(shape, CONFIG, enough, "qwen3_moe")))


@pytest.mark.parametrize("changes", [{"quantisation": "none"}])
def test_experts_in_16_bits_do_not_wait(changes: dict[str, str]) -> None:
    config = CONFIG.with_values(changes)
    assert planned_settings(SHAPES["gpt-oss-20b"], config, _on(12)).stream_layers == 0


def test_nothing_waits_without_a_card() -> None:
    room = Room("cpu", 8 * GIB)
    assert planned_settings(SHAPES["Qwen3-30B-A3B"], CONFIG, room).stream_layers == 0


def test_a_streamed_run_is_said_to_take_longer_as_window_and_terminal_show_it() -> None:
    card = replace(RTX_3090, name="NVIDIA GeForce RTX 3060", memory_total=12 * GIB)
    hardware = Hardware(MACHINE, card)
    times = []
    for gib in (11.5, 40):
        room = int(gib * GIB)
        where = PlanInput(
            shape_of("qwen3-30b-a3b"), GUIDE_DATA, "gpu", room, host_memory=48 * GIB,
            model_type="qwen3_moe",
        )  # fmt: skip
        times.append(estimate(where, CONFIG, hardware, 0.3).seconds)
        told = "stay in the computer's memory and are loaded layer by layer" in plan_text(
            where, CONFIG
        )
        assert told == (gib < 12)
    assert times[0].low > times[1].low and times[0].high > times[1].high
