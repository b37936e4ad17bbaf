"""Causal attention inside each of several examples that lie end to end.

Sources: attention is from Vaswani et al., 2017, *Attention Is All You Need*; heads that share keys
and values from Ainslie et al., 2023, *GQA*; the sliding window from Beltagy et al., 2020,
*Longformer*; the fast path from Dao, 2023, *FlashAttention-2*.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from core.config.engine import STATES_MIB
from core.training.engine.fused.norm import at_least_float

Heads = tuple[Tensor, Tensor, Tensor]
PullBack = Callable[[Tensor], Heads]
"""Takes the gradient of the output [T, H, D] to those of q, k and v."""

FORWARD_WORDS = (  # not shown: names of arguments
    "query key value cum_seq_q cum_seq_k max_q max_k dropout_p is_causal return_debug_mask"
)
BACKWARD_WORDS = (  # not shown
    "grad_out query key value out logsumexp cum_seq_q cum_seq_k max_q max_k dropout_p is_causal "
    "rng_state unused"
)


@dataclass(frozen=True, slots=True)
class Segments:
    """Where the examples of a micro-batch lie, on the device and on the host.

    Attributes:
        starts: [n + 1] int32 on the device, from 0 to T.
        lengths: the examples' lengths.
    """

    starts: Tensor
    lengths: tuple[int, ...]

    @property
    def longest(self) -> int:
        """Tokens of the longest example."""
        return max(self.lengths)


@dataclass(eq=False, slots=True)
class Lent:
    """Keys and values [T, G, D] of one layer of a micro-batch, which later layers use too.

    Their gradients come together here: on the way back, the layers that borrow are all done before
    the layer that lends.
    """

    keys: Tensor | None = None
    values: Tensor | None = None
    _gradients: list[Tensor] = field(default_factory=list)

    def taken(self) -> tuple[Tensor, Tensor]:
        """Return keys and values [T, G, D]."""
        assert self.keys is not None and self.values is not None, "nothing lent"  # not shown
        return self.keys, self.values

    def give_back(self, d_keys: Tensor, d_values: Tensor) -> None:
        """Add the gradients [T, G, D] of a layer that has borrowed; sums are in 32 bits or more."""
        if not self._gradients:
            self._gradients = [at_least_float(d).clone() for d in (d_keys, d_values)]
            return
        for total, d in zip(self._gradients, (d_keys, d_values), strict=True):
            total.add_(d)

    def collected(self, d_keys: Tensor, d_values: Tensor) -> tuple[Tensor, Tensor]:
        """Return the gradients [T, G, D] of the layer that lends with those given back."""
        if not self._gradients:
            return d_keys, d_values
        dk, dv = (
            (total + d).to(d.dtype)
            for total, d in zip(self._gradients, (d_keys, d_values), strict=True)
        )
        self._gradients = []
        return dk, dv


@dataclass(frozen=True, slots=True)
class Positions:
    """What a layer must know of a micro-batch.

    Attributes:
        cos: rotary table [T, P / 2], like ``sin``.
        query_scale: multiplied to the queries of a token [T], in a family that lets it grow.
        inputs: what each of L layers is given of every token [T, L, P], in some families.
        lent: keys and values of a layer that later ones of its kind use.
        states_room: bytes that a layer without attention may take on the way back.
    """

    segments: Segments
    cos: Tensor
    sin: Tensor
    query_scale: Tensor | None = None
    inputs: Tensor | None = None
    lent: Lent = field(default_factory=Lent)
    states_room: int = STATES_MIB[-1] << 20

    def scaled(self, queries: Tensor) -> Tensor:
        """Return turned queries [T, H, D], or their gradients, with that scale; in place."""
        return queries if self.query_scale is None else queries.mul_(self.query_scale)


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    segments: Segments,
    scale: float,
    *,
    window: int | None = None,
) -> tuple[Tensor, PullBack]:
    """Return the attention output [T, H, D] and the way back for its gradient.

    Args:
        q: [T, H, D].
        k: [T, G, D], each of the G heads shared by H / G heads of ``q``.
        v: [T, G, D].
        segments: no token sees another segment's tokens.
        scale: multiplied to the scores.
        window: how many tokens a token sees, the last one being itself; ``None`` without limit.
    """
    if window is not None and segments.longest <= window:
        window = None
    if takes_segments(q):
        if _flash_is_known():
            return _flash((q, k, v), segments, scale, window)
        if window is None and _varlen_function() is not None:
            return _by_autograd(_varlen, (q, k, v), segments, scale)
    return _by_autograd(partial(_one_by_one, window=window), (q, k, v), segments, scale)


def takes_segments(q: Tensor) -> bool:
    """Whether there is flash attention for ``q`` [T, H, D]; Turing cards and CPUs have none.

    Some builds of torch lack it, those for Windows among them, although its operators have names
    in all of them.
    """
    if not q.is_cuda or q.dtype not in (torch.bfloat16, torch.float16):
        return False
    if q.shape[-1] > 256 or q.shape[-1] % 8:
        return False
    built = torch.backends.cuda.is_flash_attention_available()
    return built and torch.cuda.get_device_capability(q.device) >= (8, 0)


def _flash(
    heads: Heads, segments: Segments, scale: float, window: int | None
) -> tuple[Tensor, PullBack]:
    """Attend by flash attention (Dao, 2023: FlashAttention-2): [T, H, D] in bf16 or fp16."""
    starts, longest = segments.starts, segments.longest
    place = (starts, starts, longest, longest, 0.0, True)
    named: dict[str, Any] = {"scale": scale}
    if window is not None:  # tokens before a token, and behind it
        named |= {"window_size_left": window - 1, "window_size_right": 0}
    out, lse, state, unused, _ = torch.ops.aten._flash_attention_forward(
        *heads, *place, False, **named
    )

    def pull_back(d_out: Tensor) -> Heads:
        """Take d out [T, H, D] to dq [T, H, D], dk and dv [T, G, D]."""
        gradients: Heads = torch.ops.aten._flash_attention_backward(
            d_out, *heads, out, lse, *place, state, unused, **named
        )
        return gradients

    return out, pull_back


@cache
def _flash_is_known() -> bool:
    """Whether this torch has the operators with the arguments that are given to them."""
    for name, words in (("forward", FORWARD_WORDS), ("backward", BACKWARD_WORDS)):
        operator = getattr(torch.ops.aten, f"_flash_attention_{name}", None)
        if operator is None:
            return False
        arguments = operator.default._schema.arguments
        if [a.name for a in arguments if not a.kwarg_only] != words.split():
            return False
        if not {"scale", "window_size_left", "window_size_right"} <= {a.name for a in arguments}:
            return False
    return True


def _by_autograd(
    function: Callable[..., Tensor], heads: Heads, segments: Segments, scale: float
) -> tuple[Tensor, PullBack]:
    """Attend by ``function``, [T, H, D] in the type of ``heads``; autograd finds the way back."""
    leaves = tuple(x.detach().requires_grad_() for x in heads)
    with torch.enable_grad():
        out = function(*leaves, segments, scale)

    def pull_back(d_out: Tensor) -> Heads:
        """Take d out [T, H, D] to dq [T, H, D], dk and dv [T, G, D]."""
        dq, dk, dv = torch.autograd.grad(out, leaves, d_out)
        return dq, dk, dv

    return out.detach(), pull_back


def _one_by_one(
    q: Tensor, k: Tensor, v: Tensor, segments: Segments, scale: float, *, window: int | None = None
) -> Tensor:
    """Run each segment of q [T, H, D], k and v [T, G, D] alone, or all at once if equally long."""
    if len(set(segments.lengths)) == 1:
        return _equal((q, k, v), scale, window, count=len(segments.lengths))
    pieces = (torch.split(x, list(segments.lengths)) for x in (q, k, v))
    return torch.cat([_equal(piece, scale, window) for piece in zip(*pieces, strict=True)])


def _equal(heads: Heads, scale: float, window: int | None, *, count: int = 1) -> Tensor:
    """Attention [T, H, D] over ``count`` segments of equal length; heads as in :func:`attend`."""
    q, k, v = heads
    group = q.shape[1] // k.shape[1]
    if group > 1:
        k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
    q, k, v = (x.reshape(count, -1, *x.shape[1:]).transpose(1, 2) for x in (q, k, v))
    if window is None or q.shape[2] <= window:
        out = scaled_dot_product_attention(q, k, v, is_causal=True, scale=scale)
    else:
        out = _banded((q, k, v), scale, window)
    return out.transpose(1, 2).flatten(0, 1)


def _banded(heads: Heads, scale: float, window: int) -> Tensor:
    """Attention [n, H, L, D] that reaches back ``window`` < L tokens.

    Blocks of queries as long as the window see their own keys and those of the block before, so
    that neither work nor memory grow with the square of the length.
    """
    q, k, v = heads
    near_q, near_k, near_v = (x[:, :, :window] for x in heads)
    blocks = [scaled_dot_product_attention(near_q, near_k, near_v, is_causal=True, scale=scale)]
    band = _band(window, q.dtype, q.device)
    for start in range(window, q.shape[2], window):
        some = q[:, :, start : start + window]
        seen = slice(start - window + 1, start + some.shape[2])
        mask = band[: some.shape[2], : seen.stop - seen.start]
        blocks.append(
            scaled_dot_product_attention(
                some, k[:, :, seen], v[:, :, seen], attn_mask=mask, scale=scale
            )
        )
    return torch.cat(blocks, dim=2)


@lru_cache(maxsize=1)
def _band(window: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """What is added to a block's scores, [window, 2 * window rounded up to 16].

    It is 0 where query i sees key j (i <= j < i + window), else minus infinity. One serves all
    blocks of all layers, which keep it for their backward pass. Its rows are aligned, or each call
    would make a copy of its own.
    """
    row = torch.arange(window, device=device)[:, None]
    key = torch.arange(-(-2 * window // 16) * 16, device=device)
    seen = (row <= key) & (key < row + window)
    return torch.zeros(seen.shape, dtype=dtype, device=device).masked_fill_(~seen, float("-inf"))


def _varlen(q: Tensor, k: Tensor, v: Tensor, segments: Segments, scale: float) -> Tensor:
    """Attend by torch's function for segments: [T, H, D] from q [T, H, D], k and v [T, G, D]."""
    function, options = _varlen_function() or (None, {})
    assert function is not None
    starts, longest = segments.starts, segments.longest
    out: Tensor = function(q, k, v, starts, starts, longest, longest, scale=scale, **options)
    return out


@cache
def _varlen_function() -> tuple[Any, dict[str, Any]] | None:
    """Find torch's function and say "causal, grouped heads" in the words of this version.

    Versions without a word for grouped heads take them unasked.
    """
    try:
        function = importlib.import_module("torch.nn.attention.varlen").varlen_attn
    except (ImportError, AttributeError):
        return None
    known = inspect.signature(function).parameters
    options: dict[str, Any] = {"is_causal": True} if "is_causal" in known else {}
    if not options:
        options = {"window_size": (-1, 0)}
    if "enable_gqa" in known:
        options["enable_gqa"] = True
    return (function, options) if set(options) | {"scale"} <= set(known) else None
