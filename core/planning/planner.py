"""The planner: the fastest way to train that fits into the memory that is free.

Speed is bought with memory in this order: keep activations instead of computing them again; then
let inputs and the embedding wait in the host's memory; then compute fewer tokens at once; and where
even that is not enough, let base weights wait in the host's memory too. None of it changes what is
learned. A trial measures afterwards, and the plan is made again with what it found.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from core.config.engine import FUSED_FAMILIES, STATES_MIB, EnginePlan
from core.config.training import TrainingConfig
from core.hardware.cards.kernels import has_triton
from core.language import Sentence, _
from core.models.shape import ModelShape
from core.planning.memory import (
    Device,
    MemoryNeed,
    MemorySettings,
    gigabytes,
    host_need,
    memory_need,
    states_need,
    streamed_bytes,
)

MEMORY_SHARE = {"gpu": 0.92, "cpu": 0.85}
"""Of what is free, so much may be planned for; other programs need some too."""
SMALLEST_MICRO_BATCH = 512
_LOSS_BLOCKS = (512 << 20, 128 << 20)  # bytes of logits, in 16 bits, that exist at one time
_HOST_SHARE = 0.8  # of the computer's free memory may hold what waits there
_LEAST_LOOSE = 0.5  # one try is not believed beyond this
_AGAIN = 0.7  # of a layer's forward pass is computed again; its last product is not needed
_SLOW_START = 150  # tokens that a micro-batch costs on top of its own: launches, unpacked weights
_GROUP_SECONDS = 0.016  # to start the work on some heads of a gated delta-net layer, there and back
_KERNEL_SECONDS = 0.0007  # the same by kernels
_CROSSING = 1.01  # measured with the inputs of all layers on the host
_TYPICAL_RATE = 60e12  # useful operations a second of a fast home card, so that copies count
_UNHIDDEN = 0.25  # of what runs beside it
_TYPICAL_BUS = 12e9  # bytes a second from the computer's memory to the card


@dataclass(frozen=True, slots=True)
class Room:
    """How much memory may be planned with, in bytes; ``None`` where it could not be read.

    Attributes:
        host_free: of the computer's memory, beside a card.
        cards: how many train together; each one's process takes a part of that memory.
        loose: what comes and goes on the card, as a share of what is predicted: 1 until measured.
    """

    device: Device
    free: int | None
    host_free: int | None = None
    cards: int = 1
    loose: float = 1.0

    @property
    def budget(self) -> float:
        """What a run may take at its peak."""
        return float("inf") if self.free is None else MEMORY_SHARE[self.device] * self.free

    def holds(self, need: MemoryNeed) -> bool:
        """Whether that much fits on the card, or into the computer's memory without one."""
        return need.total + (self.loose - 1) * need.loose <= self.budget

    def host_holds(self, shape: ModelShape, settings: MemorySettings) -> bool:
        """Whether the computer's memory holds what these settings let wait there."""
        if self.host_free is None:
            return True
        return host_need(shape, settings, self.cards) <= _HOST_SHARE * self.host_free


def planned_settings(
    shape: ModelShape,
    config: TrainingConfig,
    room: Room,
    model_type: str = "",
) -> MemorySettings:
    """Return the memory settings of a run, as plans and the run itself choose them.

    Where nothing fits, the leanest settings are returned.

    Args:
        model_type: as in the model's config; an unknown one counts without the fast path.
    """
    return _fastest(shape, _start(config, room, model_type), _sizes(config), room)


def host_memory_wanted(
    shape: ModelShape, config: TrainingConfig, room: Room, model_type: str = ""
) -> int | None:
    """Return how many bytes of the computer's memory must be free for what the card lacks.

    ``None`` where no amount would do.
    """
    roomy, sizes = replace(room, host_free=None), _sizes(config)
    ways = [way for ways in _ways(shape, _start(config, room, model_type)) for way in ways]
    fitting = _fitting(shape, ways, sizes, roomy)
    needs = [host_need(shape, found, room.cards) for found in fitting]
    return math.ceil(min(needs) / _HOST_SHARE) if needs else None


def _start(config: TrainingConfig, room: Room, model_type: str) -> MemorySettings:
    is_fused = fused(config, model_type)
    return MemorySettings(
        rank=config.rank,
        quantisation=config.quantisation,
        device=room.device,
        layers="fused" if is_fused else "peft",
        fp8=config.precision == "fp8" and is_fused and room.device == "gpu",
        delta_kernels=is_fused and room.device == "gpu" and has_triton(),
    )


def _sizes(config: TrainingConfig) -> tuple[int, ...]:
    """The micro-batches to choose from, in tokens, the largest first."""
    most = max(config.micro_batch_tokens, config.max_length)
    return tuple(_halvings(most, min(most, max(config.max_length, SMALLEST_MICRO_BATCH))))


def fused(config: TrainingConfig, model_type: str) -> bool:
    """Whether the application's own layers will train a model of this family."""
    return config.engine == "auto" and not config.dropout and model_type in FUSED_FAMILIES


def _halvings(most: int, least: int) -> Iterator[int]:
    size = most
    while size > least:
        yield size
        size //= 2
    yield least


@lru_cache(maxsize=4096)
def _fastest(
    shape: ModelShape, start: MemorySettings, sizes: tuple[int, ...], room: Room
) -> MemorySettings:
    leanest = start
    for ways in _ways(shape, start):
        found = list(_fitting(shape, ways, sizes, room))
        if found:
            return min(found, key=lambda settings: seconds_per_token(shape, settings))
        for way in ways:
            bare = replace(way, micro_batch_tokens=sizes[-1], recompute=1.0)
            leanest = bare if room.host_holds(shape, bare) else leanest
    return leanest


def _fitting(
    shape: ModelShape, ways: list[MemorySettings], sizes: tuple[int, ...], room: Room
) -> Iterator[MemorySettings]:
    """Yield what fits of these ways, once for each size of micro-batches."""
    for way in ways:
        for size in sizes:
            found = _most_kept(shape, replace(way, micro_batch_tokens=size), room)
            if found:
                yield found


def _ways(shape: ModelShape, start: MemorySettings) -> Iterator[list[MemorySettings]]:
    """What to give up, the cheapest first; the fastest of a list is taken.

    Few heads of a gated delta-net layer at a time cost more than weights that wait elsewhere.
    """
    if start.layers == "peft":
        yield [start]
        if can_stream_experts(shape, start):
            yield _streaming(shape, replace(start, host_embedding=True))
        return
    for room in STATES_MIB if shape.delta is not None else STATES_MIB[-1:]:
        yield from _ways_of_engine(shape, replace(start, states_mib=room))


def _ways_of_engine(shape: ModelShape, start: MemorySettings) -> Iterator[list[MemorySettings]]:
    blocks = [max(16, block // (2 * shape.vocab_size)) for block in _LOSS_BLOCKS]
    plain = replace(start, loss_chunk_tokens=blocks[0])
    if start.device == "cpu":
        yield [plain]
        return
    lean = replace(start, loss_chunk_tokens=blocks[1], offload_inputs=True, host_embedding=True)
    yield [plain, lean]
    yield _streaming(shape, lean)


def _streaming(shape: ModelShape, settings: MemorySettings) -> list[MemorySettings]:
    return [replace(settings, stream_layers=-(-shape.layers * n // 8)) for n in range(1, 9)]


def can_stream_experts(shape: ModelShape, settings: MemorySettings) -> bool:
    """Whether experts can wait in the computer's memory: they are packed as they load."""
    packed = settings.quantisation == "nf4" and settings.device == "gpu"
    uniform = shape.uneven is None  # only the engine knows tables of what each layer is given
    return packed and uniform and shape.experts is not None


def _most_kept(shape: ModelShape, settings: MemorySettings, room: Room) -> MemorySettings | None:
    """Keep as many layers' activations as fit; ``None`` if not even none of them do.

    What is kept does not wait on the host, so that the host needs the least then, too.
    """
    steps = shape.layers if settings.layers == "fused" else 1  # peft keeps all or nothing

    def fits(kept: int) -> MemorySettings | None:
        planned = replace(settings, recompute=1 - kept / steps)
        return planned if room.holds(memory_need(shape, planned)) else None

    low, best = 0, fits(0)
    if best is None:
        return None
    high = steps
    while low < high:
        middle = (low + high + 1) // 2
        found = fits(middle)
        low, high, best = (middle, high, found) if found else (low, middle - 1, best)
    return best if room.host_holds(shape, best) else None


def seconds_per_token(
    shape: ModelShape, settings: MemorySettings, rate: float = _TYPICAL_RATE
) -> float:
    """Return the time of one token; only to compare plans with one another.

    Copies run beside the arithmetic: the slower of the two counts, and a part of the faster one.

    Args:
        rate: useful operations a second, by default those of a typical card.
    """
    head = shape.head_parameters or shape.embedding_parameters
    passes = 4 + 2 * _AGAIN * settings.recompute  # the frozen weights need no gradient of their own
    operations = passes * shape.met_parameters + 4 * head
    tokens = settings.micro_batch_tokens
    arithmetic = operations * (1 + _SLOW_START / tokens) / rate
    if settings.offload_inputs:
        arithmetic *= _CROSSING + 0.01 * settings.stream_layers / shape.layers
    if (delta := shape.delta) is not None:
        groups = math.ceil(states_need(delta, tokens) / (settings.states_mib << 20))
        seconds = _KERNEL_SECONDS if settings.delta_kernels else _GROUP_SECONDS
        arithmetic += seconds * groups * delta.count / tokens
    copied = 2 * streamed_bytes(shape, settings) / tokens  # once forward, once back
    if settings.offload_inputs:
        copied += 4 * shape.hidden_size * (shape.layers - settings.kept(shape.layers))
    copying = copied / _TYPICAL_BUS
    return max(arithmetic, copying) + _UNHIDDEN * min(arithmetic, copying)


def corrected(room: Room, predicted: MemoryNeed, measured: int) -> Room:
    """Return ``room`` with what a try has shown about the memory that comes and goes.

    Args:
        predicted: what the memory model gave for that try.
        measured: bytes that it took, without the driver's own.
    """
    if measured <= 0 or predicted.loose <= 0:
        return room
    known = predicted.total - predicted.context - predicted.loose
    return replace(room, loose=max(_LEAST_LOOSE, (measured - known) / predicted.loose))


def engine_plan(shape: ModelShape, settings: MemorySettings) -> EnginePlan:
    """Return what the engine must do so that ``settings`` come true."""
    return EnginePlan(
        keep_layers=None if settings.recompute == 0 else settings.kept(shape.layers),
        offload_inputs=settings.offload_inputs,
        host_embedding=settings.host_embedding,
        stream_layers=settings.stream_layers,
        precision="fp8" if settings.fp8 else "bf16",
        loss_chunk_mib=max(1, settings.loss_chunk_tokens * 2 * shape.vocab_size >> 20) or 512,
        states_mib=settings.states_mib,
    )


def plan_in_words(shape: ModelShape, settings: MemorySettings) -> str:
    """Say what a plan does with the memory, in plain sentences."""
    sentences: list[str] = [_kept_in_words(settings, shape.layers)]
    if settings.offload_inputs:
        sentences.append(_("Some of it is held in the computer's own memory."))
    if settings.stream_layers:
        sentences.append(
            _(
                "The model is larger than the card: {size} GB of it stay in the computer's memory "
                "and are loaded layer by layer.",
                size=gigabytes(streamed_bytes(shape, settings)),
            )
        )
    return " ".join(sentences)


def _kept_in_words(settings: MemorySettings, layers: int) -> Sentence:
    kept, tokens = settings.kept(layers), settings.micro_batch_tokens
    if not kept:
        return _(
            "Processes {tokens:,} tokens at once and computes everything twice.", tokens=tokens
        )
    if kept == layers:
        return _(
            "Processes {tokens:,} tokens at once and keeps everything in memory, which is fastest.",
            tokens=tokens,
        )
    return _(
        "Processes {tokens:,} tokens at once and keeps the results of {kept} of {layers} layers; "
        "the rest is computed again.",
        tokens=tokens,
        kept=kept,
        layers=layers,
    )
