"""How much memory a run needs, worked out before anything is loaded.

The terms follow what is kept while one micro-batch is computed: the packed weights, the adapter
with its optimizer, the activations of the layers that are not recomputed, the one layer (or the
loss) that is alive at the time, and scratch space. A trial run measures the truth afterwards.
Bytes throughout; GB on the screen means 10⁹ bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from core.config.engine import RING, STATES_MIB
from core.language import N_, Sentence, _, number
from core.models.experts.sizes import AT_ONCE
from core.models.shape import DeltaLayers, Experts, ModelShape, Uneven

Device = Literal["gpu", "cpu"]
Quantisation = Literal["nf4", "none"]
Level = Literal["fits", "tight", "wont_fit", "unknown"]
Layers = Literal["peft", "peft16", "fused"]

NF4_BYTES = 0.51590  # a weight with its double-quantised scales, blocks of 64
CONTEXT = {"gpu": 600_000_000, "cpu": 700_000_000}  # CUDA context; interpreter with libraries
_FRAGMENTATION = {"gpu": 0.06, "cpu": 0.20}
_PEFT_ON_CPU = 0.50  # its many short-lived 32-bit copies leave holes; 0.47 to 0.56 measured
_SCORE_BYTES = 12  # of one score that is held: as it is, masked, and as a share in 16 and 32 bits
_UNKNOWN = 1.25  # families that were never measured are planned with more than the formula says
_PER_WIDTH = 4  # bytes a token that a linear of any family keeps of each input and output
_LOADING_BYTES = 6  # of an expert's weight while a layer's are put together, before it is packed
_UNPACKED = 2 + 4 / 64  # of an expert's weight at work, and of its block's scale in 32 bits
_STATE_BYTES = 82  # a token, for each column of what the states of a delta-net layer give
_STATES_ALIVE = 1.45  # times that at once, beside the other parts of a layer's moment
_BY_KERNELS = 38 / 82  # of _STATE_BYTES, and nothing beside, where Triton's kernels do the work
_TIGHT_SHARE = 0.90  # above this part of what is free a fit is called tight


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """What the memory depends on besides the model.

    Attributes:
        micro_batch_tokens: tokens computed at once, the longest example included.
        optimizer_bytes: per trainable parameter: weight, gradient and moments (16 for 32-bit
            AdamW, 10 with 8-bit moments).
        recompute: share of the layers whose activations are computed again instead of kept.
        layers: ``peft`` with adapters in 32 bits, ``peft16`` with adapters in 16 bits, ``fused``
            for this application's own LoRA layers.
        trained_share: part of the tokens that are learned; only they reach the output head.
        loss_chunk_tokens: this many tokens reach the head at once; 0 for all.
        offload_inputs: inputs of recomputed layers wait in the host's memory.
        host_embedding: so does the token embedding, unless the output head shares it.
        stream_layers: layers whose weights wait in the host's memory.
        fp8: base weights are multiplied in 8 bits.
        states_mib: room for the heads of a gated delta-net layer that are computed at once.
        delta_kernels: such layers are computed by Triton's kernels.
    """

    rank: int = 16
    micro_batch_tokens: int = 4096
    quantisation: Quantisation = "nf4"
    device: Device = "gpu"
    optimizer_bytes: int = 16
    recompute: float = 0.0
    layers: Layers = "peft"
    trained_share: float = 0.5
    loss_chunk_tokens: int = 0
    offload_inputs: bool = False
    host_embedding: bool = False
    stream_layers: int = 0
    fp8: bool = False
    states_mib: int = STATES_MIB[-1]
    delta_kernels: bool = False

    def kept(self, layers: int) -> int:
        """How many of ``layers`` keep their activations."""
        return round(layers * (1 - self.recompute))


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """The parts of the peak, in bytes."""

    weights: int
    adapter: int
    activations: int
    working: int
    scratch: int
    context: int
    fragmentation: int

    @property
    def total(self) -> int:
        """The peak."""
        return sum(getattr(self, part.name) for part in fields(self))

    @property
    def allocated(self) -> int:
        """What tensors take of it, as PyTorch's allocator counts on a card."""
        return self.total - self.context - self.fragmentation

    @property
    def loose(self) -> int:
        """What comes and goes with every micro-batch; the rest is known exactly."""
        return self.activations + self.working + self.scratch + self.fragmentation


def memory_need(shape: ModelShape, settings: MemorySettings) -> MemoryNeed:
    """Return the peak memory of training ``shape`` with ``settings``."""
    fused = settings.layers == "fused"
    adapter = shape.lora_parameters(settings.rank) * (settings.optimizer_bytes + 2 * fused)
    activations, working = (_fused_layers if fused else _peft_layers)(shape, settings)
    scratch = _scratch(shape, settings)
    if shape.experts is not None:
        loading = _LOADING_BYTES * shape.experts.largest_stack
        if settings.host_embedding:
            loading += 2 * _tables(shape)[1]  # it leaves when all is loaded
        working = max(working, loading - activations - scratch - adapter)
    loose = adapter + activations + working + scratch  # comes and goes; the weights stay
    return MemoryNeed(
        weights=_weights(shape, settings),
        adapter=adapter,
        activations=activations,
        working=working,
        scratch=scratch,
        context=CONTEXT[settings.device],
        fragmentation=round(_holes(settings) * loose),
    )


def _peft_layers(shape: ModelShape, settings: MemorySettings) -> tuple[int, int]:
    """Bytes kept for the backward pass, and of what is alive besides: a layer, or the loss."""
    tokens, kept = settings.micro_batch_tokens, settings.kept(shape.layers)
    layer = tokens * _kept_per_token(shape, settings) + _scores(shape, tokens)
    inputs = tokens * 2 * shape.hidden_size
    one_layer = layer + tokens * 6 * shape.ffn_size
    if shape.experts is not None:
        one_layer += _experts_at_work(shape.hidden_size, shape.experts, settings)
    return kept * layer + (shape.layers - kept) * inputs, max(one_layer, _loss(shape, settings))


def _fused_layers(shape: ModelShape, settings: MemorySettings) -> tuple[int, int]:
    """The same for the engine, whose layers share nothing: input and activations are apart.

    The peak comes with the loss, while the kept layers wait, or in the last recomputed layer.
    """
    tokens, kept = settings.micro_batch_tokens, settings.kept(shape.layers)
    layer = tokens * _kept_per_token(shape, settings)
    waiting = min(shape.layers, kept + 3) if settings.offload_inputs else shape.layers
    moment = tokens * (6 * shape.hidden_size + 2 * shape.ffn_size)
    if shape.delta is not None:
        moment += _states(shape.delta, settings)
    at_loss = kept * layer + max(_loss(shape, settings), moment)
    recomputing = layer + moment if kept < shape.layers else 0
    inputs = waiting * tokens * 2 * shape.hidden_size
    if shape.uneven is not None:
        inputs += tokens * 2 * (shape.layers * shape.uneven.inputs + shape.uneven.lent)
    return kept * layer + inputs, max(at_loss, recomputing) - kept * layer


def states_need(delta: DeltaLayers, tokens: int) -> int:
    """Return the bytes that all heads of a gated delta-net layer need, computed at once."""
    return _STATE_BYTES * delta.out * tokens


def _states(delta: DeltaLayers, settings: MemorySettings) -> int:
    """What is alive on the way back through such a layer, with its product and gradient."""
    tokens = settings.micro_batch_tokens
    heads = min(settings.states_mib << 20, states_need(delta, tokens))
    alive = _BY_KERNELS if settings.delta_kernels else _STATES_ALIVE
    return round(alive * heads) + 2 * delta.width * tokens


def streamed_bytes(shape: ModelShape, settings: MemorySettings) -> int:
    """Return the bytes of base weights that wait in the host's memory."""
    return round(_waiting_bytes(shape, settings))


def _waiting_bytes(shape: ModelShape, settings: MemorySettings) -> float:
    layers = min(settings.stream_layers, shape.layers)
    return _linear_bytes(settings) * shape.movable_parameters * layers / shape.layers


def _tables(shape: ModelShape) -> tuple[int, int]:
    """Return how many weights of tables there are, and how many of these can wait on the host."""
    inputs = 0 if shape.uneven is None else shape.uneven.table
    tokens = shape.embedding_parameters
    return inputs + tokens, inputs if shape.tied_embeddings else inputs + tokens


def host_need(shape: ModelShape, settings: MemorySettings, cards: int = 1) -> int:
    """Return the bytes of the computer's memory in which things wait that the card lacks room for.

    The processes of several cards share the streamed weights, but not a mixture's experts, which
    each packs for itself. Each has its own token embedding and
    inputs of recomputed layers; these lie in pinned memory, of which torch takes powers of two.
    """
    waiting = 0
    if settings.host_embedding:
        waiting += 2 * _tables(shape)[1]
    if settings.offload_inputs:
        size = 2 * shape.hidden_size * settings.micro_batch_tokens
        waiting += (shape.layers - settings.kept(shape.layers)) * (1 << (size - 1).bit_length())
    copies = 1 if shape.experts is None else cards
    return copies * streamed_bytes(shape, settings) + cards * waiting


def _linear_bytes(settings: MemorySettings) -> float:
    return NF4_BYTES if settings.quantisation == "nf4" else 2.0


def _holes(settings: MemorySettings) -> float:
    if settings.device == "cpu" and settings.layers != "fused":
        return _PEFT_ON_CPU
    return _FRAGMENTATION[settings.device]


def _experts_at_work(hidden: int, experts: Experts, settings: MemorySettings) -> int:
    """Bytes for a layer's experts on the way back, in 16 bits, at the larger of three moments.

    Each has the rows' inputs and the gradients of their outputs or inputs. Then there are: the
    first weights and the gradients of what they gave; or the last weights and what the gate made;
    or, without weights, what the adapter adds and the sums over each token's rows.
    """
    rows = settings.micro_batch_tokens * experts.per_token
    first = last = 0.0
    if settings.quantisation == "nf4":
        each = _UNPACKED * experts.largest
        first = min(each * experts.count, max(AT_ONCE, each))
        last = min(each * experts.count / 2, max(AT_ONCE, each / 2))
    wide, inner = 4 * hidden, experts.width
    moments = (first + rows * (wide + 4 * inner), last + rows * (wide + 20 * inner),
               rows * (6 * hidden + 4 * inner))  # fmt: skip
    return round(max(moments))


def _weights(shape: ModelShape, settings: MemorySettings) -> int:
    """Linears packed or in 16 bits; embedding, head and norms always in 16 bits."""
    linear = _linear_bytes(settings) * shape.linear_parameters
    away = min(settings.stream_layers, shape.layers)
    ring = _linear_bytes(settings) * min(RING, away) * shape.streamed_at_most
    tables, movable = _tables(shape)
    rest = tables + shape.head_parameters + shape.norm_parameters
    if settings.host_embedding:
        rest -= movable
    return round(linear - _waiting_bytes(shape, settings) + ring) + 2 * rest


def _kept_per_token(shape: ModelShape, settings: MemorySettings) -> int:
    """Bytes that one layer keeps for the backward pass, for one token.

    ``peft16`` and ``fused`` are exact, ``fused`` without the layer's input; ``peft`` is a fit to
    what autograd saved for eight shapes, within 3 %: every adapter keeps its own copy of its input.
    """
    h, f, kv, heads = shape.hidden_size, shape.ffn_size, shape.kv_width, shape.heads
    if settings.layers == "fused" and shape.uneven is not None:
        return _kept_of_uneven(shape, shape.uneven, settings)
    if settings.layers == "fused":
        query = heads * shape.head_dim  # turned queries and attended values; copies on a CPU
        queries = (4 if settings.device == "gpu" else 8) * query
        normed = 2 * (query + kv) + 4 * (heads + shape.kv_heads) if shape.head_norms else 0
        normed += 4 * h + 8 if shape.post_norms else 0
        mixing = queries + 4 * kv + 4 * heads + 14 * settings.rank + normed
        if (delta := shape.delta) is not None:
            gated = mixing + 4 * query + 2 * kv  # with the gates, and what they let through
            states = 2 * (delta.width + delta.out) + 16 * settings.rank
            mixing = (delta.count * states + (shape.layers - delta.count) * gated) // shape.layers
        return 2 * h + 4 * f + 8 + mixing
    if settings.layers == "peft16":
        return 16 * h + 8 * f + 4 * kv + 4 * heads + 14 * settings.rank + 8
    known = 28 * h + 9 * f + 3 * kv + 42 * heads + 79 * settings.rank
    if not shape.from_layout:
        return known
    return round(_UNKNOWN * max(known, _PER_WIDTH * shape.linear_widths // shape.layers))


def _kept_of_uneven(shape: ModelShape, uneven: Uneven, settings: MemorySettings) -> int:
    """The same for layers that are not alike, mean over them.

    Windows and large heads are beyond flash attention: there are copies of keys and values.
    """
    h, heads = shape.hidden_size, shape.heads + 2 * shape.kv_heads
    product = 2 * (uneven.query + 2 * uneven.keys)
    mixing = 8 * uneven.query + 4 * uneven.keys + 4 * shape.heads + 4 * heads
    behind = 4 * h + 8  # norms behind both blocks
    if uneven.inputs:
        behind += 4 * h + 2 * uneven.inputs + 4 + 4 * settings.rank
    return 2 * h + 4 * uneven.ffn + 8 + 14 * settings.rank + product + mixing + behind


def _scores(shape: ModelShape, tokens: int) -> int:
    """Bytes of one layer's scores, where its attention holds them all."""
    return _SCORE_BYTES * shape.heads * tokens * tokens if shape.all_scores else 0


def _loss(shape: ModelShape, settings: MemorySettings) -> int:
    """What the logits of the trained tokens take."""
    tokens = round(settings.micro_batch_tokens * settings.trained_share)
    if not settings.loss_chunk_tokens:
        return 12 * shape.vocab_size * tokens  # their shares, and the gradients of both, in 32 bits
    chunk = min(tokens, settings.loss_chunk_tokens)
    slopes = 2 * shape.vocab_size * chunk if shape.capped else 0
    if settings.layers == "fused" and settings.device == "gpu":  # a kernel works in place
        block = 2 * shape.vocab_size * chunk + slopes
        return block + 6 * shape.hidden_size * settings.micro_batch_tokens
    return 6 * shape.vocab_size * chunk + slopes + 4 * shape.hidden_size * tokens


def _scratch(shape: ModelShape, settings: MemorySettings) -> int:
    """Room to unpack the largest linear; the engine has one for gate and up, one for the others."""
    if settings.layers == "fused" and settings.device == "gpu":
        wide = 2 * shape.ffn_size * shape.hidden_size
        return (2 * wide + (2 * wide if settings.fp8 else 0)) + wide
    if settings.quantisation == "none":
        return 0
    return 2 * shape.largest_linear + shape.largest_linear // 16


@dataclass(frozen=True, slots=True)
class Badge:
    """Whether a model fits, with the numbers: ``title`` for the badge, ``sentence`` beside it."""

    level: Level
    title: str
    sentence: str


_TITLES: dict[Level, str] = {
    "fits": N_("Fits comfortably"),
    "tight": N_("Tight"),
    "wont_fit": N_("Won't fit"),
    "unknown": N_("Can't tell yet"),
}


def badge(need: int | None, free: int | None, device: Device = "gpu") -> Badge:
    """Compare a need with what is free on the card (or in the computer's memory), in bytes."""
    if need is None or free is None:
        return Badge("unknown", _(_TITLES["unknown"]), _unknown(need))
    level: Level = "wont_fit"
    if need <= free:
        level = "fits" if need <= _TIGHT_SHARE * free else "tight"
    numbers = {"need": gigabytes(need), "free": gigabytes(free, down=True)}
    if device == "gpu":
        text = _("Needs about {need} of {free} GB free on the graphics card.", **numbers)
    else:
        text = _("Needs about {need} of {free} GB free in the computer's memory.", **numbers)
    return Badge(level, _(_TITLES[level]), text)


def _unknown(need: int | None) -> Sentence:
    if need is None:
        return _("The free memory could not be read.")
    return _("Needs about {need} GB; the free memory could not be read.", need=gigabytes(need))


def gigabytes(count: int, *, down: bool = False) -> str:
    """Return bytes as GB for people: one decimal below 10, whole numbers above.

    Args:
        down: round down, so that free memory is never promised too large.
    """
    decimals = 1 if count < 9.95e9 else 0
    unit = 10 ** (9 - decimals)
    rounded = count // unit if down else -(-count // unit)
    if decimals and rounded % 10 == 0:  # a whole number
        decimals, rounded = 0, rounded // 10
    return number(rounded / 10**decimals, f".{decimals}f")
