"""Gated delta-net layers over examples that lie end to end, kept apart.

A state of D x V numbers a head takes the place of keys and values: it decays with every token, and
what it already says of a key is taken back before the token's value is written to it.

Sources: Yang et al., 2024, *Gated Delta Networks: Improving Mamba2 with Delta Rule*; the form in
chunks from Yang et al., 2024, *Parallelizing Linear Transformers with the Delta Rule over Sequence
Length*. Shapes: T tokens, H value heads of V, G key heads of D, W taps, C tokens of a chunk, N
chunks.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import silu, softplus

from core.training.engine.attention import Positions, Segments
from core.training.engine.fused.delta import Parts, Scales, States, kernels_for_heads, layout
from core.training.engine.fused.norm import at_least_float
from core.training.engine.heads import WayBack

CHUNK = 64
_SMALLEST = 1e-6  # of the squared length of a key


@dataclass(frozen=True, slots=True)
class DeltaNet:
    """The part of a gated delta-net layer between its projections.

    Only the product before it is kept for the way back, which computes the rest again, some heads
    at a time. It holds queries, keys and values, then the output's gate, then how much each head
    writes, then how much it forgets: [T, 2 G D + H V + H V + H + H].

    Attributes:
        taps: weights [2 G D + H V, W] of the short convolution over queries, keys and values.
        forget: logarithm of each head's rate [H].
        forget_bias: added to what a token says of it [H].
        norm: scale [V] of the norm of each head's output, and what is added to its mean square.
        value_heads: H.
        key_heads: G; each serves H / G value heads.
        key_dim: D.
        value_dim: V.
    """

    taps: Tensor
    forget: Tensor
    forget_bias: Tensor
    norm: tuple[Tensor, float]
    value_heads: int
    key_heads: int
    key_dim: int
    value_dim: int

    def mixed(self, product: Tensor, positions: Positions) -> tuple[Tensor, WayBack]:
        """Return what the states say [T, H V], normed and gated, and the way back to a gradient."""
        groups = self._groups(len(product), positions.states_room)
        segments = positions.segments
        kernels = kernels_for_heads(product, self.key_dim, self.value_dim, plainly_mixed)
        out = product.new_empty(len(product), self.value_heads * self.value_dim)
        if kernels is not None:
            return out, self._by_kernels(kernels, groups, product, segments, out)
        with torch.no_grad():
            for group in groups:
                out[:, group.out] = group.net._mixed(group.of(product), segments)

        def way_back(d: Tensor) -> Tensor:
            d_product = torch.empty_like(product)
            for group in groups:
                leaf = group.of(product).requires_grad_()
                with torch.enable_grad():
                    said = group.net._mixed(leaf, segments)
                (gradient,) = torch.autograd.grad(said, leaf, d[:, group.out])
                group.put(gradient, d_product)
            return d_product

        return out, way_back

    def _by_kernels(
        self, kernels: Any, groups: list[_Group], product: Tensor, segments: Segments, out: Tensor
    ) -> WayBack:
        """Write what the states say into ``out`` [T, H V]; return the way back."""
        where = layout(segments.lengths, product.device)
        sizes = self.key_dim, self.value_dim
        states = [
            States(kernels, group.parts(product), group.net.scales, sizes, where)
            for group in groups
        ]
        for some, group in zip(states, groups, strict=True):
            some.forward(out[:, group.out])

        def way_back(d: Tensor) -> Tensor:
            d_product = torch.empty_like(product)
            for some, group in zip(states, groups, strict=True):
                some.backward(d[:, group.out], group.parts(d_product))
            return d_product

        return way_back

    @property
    def scales(self) -> Scales:
        """What the heads have of their own."""
        return Scales(self.taps, self.forget, self.forget_bias, self.norm)

    def _groups(self, tokens: int, room: int) -> list[_Group]:
        """Return the heads in groups of which each fits into ``room`` bytes."""
        served = self.value_heads // self.key_heads
        sizes = 10 * self.key_dim + 8 * self.value_dim + 5 * CHUNK
        at_once = max(1, room // (4 * tokens * served * sizes))
        starts = range(0, self.key_heads, at_once)
        return [self._group(at, min(at + at_once, self.key_heads)) for at in starts]

    def _group(self, begin: int, end: int) -> _Group:
        """Return the key heads from ``begin`` to ``end`` with the value heads that they serve."""
        served = self.value_heads // self.key_heads
        keys, wide = self.key_heads * self.key_dim, self.value_heads * self.value_dim
        key = slice(begin * self.key_dim, end * self.key_dim)
        head = slice(begin * served, end * served)
        value = slice(head.start * self.value_dim, head.stop * self.value_dim)
        places = [
            (0, key), (keys, key), (2 * keys, value), (2 * keys + wide, value),
            (2 * keys + 2 * wide, head), (2 * keys + 2 * wide + self.value_heads, head),
        ]  # fmt: skip
        columns = [slice(at + part.start, at + part.stop) for at, part in places]
        net = dataclasses.replace(
            self,
            taps=torch.cat([self.taps[part] for part in columns[:3]]),
            forget=self.forget[head],
            forget_bias=self.forget_bias[head],
            value_heads=head.stop - head.start,
            key_heads=end - begin,
        )
        return _Group(net, columns, value)

    def _mixed(self, product: Tensor, segments: Segments) -> Tensor:
        joint = 2 * self.key_heads * self.key_dim + self.value_heads * self.value_dim
        wide = self.value_heads * self.value_dim
        parts = [joint, wide, self.value_heads, self.value_heads]
        qkv, gates, write, forget = torch.split(product, parts, dim=1)
        qkv = silu(_convolved(qkv, self.taps.to(qkv.dtype), segments))
        keys = self.key_heads * self.key_dim
        q, k, v = torch.split(qkv, [keys, keys, wide], dim=1)
        q, k = (x.reshape(len(x), self.key_heads, self.key_dim) for x in (q, k))
        v = v.reshape(len(v), self.value_heads, self.value_dim)
        decay = at_least_float(forget) + self.forget_bias
        decay = -at_least_float(self.forget).exp() * softplus(decay)
        said = delta_rule((q, k, v), decay, write.sigmoid(), segments)
        return self._normed(said, gates.reshape(said.shape)).flatten(1)

    def _normed(self, x: Tensor, gates: Tensor) -> Tensor:
        """Return ``x`` [T, H, V] normed by head and gated, in the type of ``gates`` [T, H, V]."""
        weight, eps = self.norm
        wide = at_least_float(x)
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + eps)
        scaled = weight.to(x.dtype) * wide.to(x.dtype)
        return (scaled * silu(at_least_float(gates))).to(gates.dtype)


@dataclass(frozen=True, slots=True)
class _Group:
    """Some heads: their columns of the product before them, and of the output."""

    net: DeltaNet
    columns: list[slice]
    out: slice

    def of(self, product: Tensor) -> Tensor:
        """Return these heads' columns of ``product`` [T, N], side by side."""
        return torch.cat([product[:, part] for part in self.columns], dim=1)

    def parts(self, product: Tensor) -> Parts:
        """Return these heads' columns of ``product`` [T, N], where they lie."""
        return Parts(*(product[:, part] for part in self.columns))

    def put(self, gradient: Tensor, product: Tensor) -> None:
        """Write ``gradient`` [T, n] to these heads' columns of ``product`` [T, N]."""
        widths = [part.stop - part.start for part in self.columns]
        for part, some in zip(self.columns, torch.split(gradient, widths, dim=1), strict=True):
            product[:, part] = some


def plainly_mixed(
    product: Tensor, scales: Scales, sizes: tuple[int, int], lengths: tuple[int, ...]
) -> Tensor:
    """Return what the states of heads of one key say [T, H V], without kernels."""
    net = DeltaNet(*scales, len(scales.rate), 1, *sizes)
    starts = torch.zeros(1, dtype=torch.int32)  # only flash attention asks for them
    return net._mixed(product, Segments(starts, lengths))


def _convolved(x: Tensor, taps: Tensor, segments: Segments) -> Tensor:
    """Return the causal convolution [T, K] of ``x`` [T, K] with ``taps`` [K, W] in each segment."""
    width = taps.shape[1]
    places = _places(segments, x.device)
    out = x * taps[:, width - 1]
    for back in range(1, min(width, segments.longest)):
        earlier = torch.nn.functional.pad(x[:-back], (0, 0, back, 0))
        inside = (places >= back)[:, None]
        out = out + earlier.masked_fill(~inside, 0.0) * taps[:, width - 1 - back]
    return out


def _places(segments: Segments, device: torch.device) -> Tensor:
    """Return each token's place in its segment [T]."""
    return torch.cat([torch.arange(length, device=device) for length in segments.lengths])


def delta_rule(
    heads: tuple[Tensor, Tensor, Tensor], decay: Tensor, write: Tensor, segments: Segments
) -> Tensor:
    """Return what each token reads from its segment's state [T, H, V], in the type of the values.

    Args:
        heads: q and k [T, G, D], v [T, H, V].
        decay: logarithm of what is kept of the state [T, H].
        write: how much of a token's correction is written [T, H].
        segments: a state begins empty with each.
    """
    dtype = heads[2].dtype
    q, k, v = (at_least_float(x) for x in heads)
    q, k = (x * torch.rsqrt((x * x).sum(-1, keepdim=True) + _SMALLEST) for x in (q, k))
    q = q * q.shape[-1] ** -0.5
    group = v.shape[1] // k.shape[1]
    q, k = (x.repeat_interleave(group, dim=1) if group > 1 else x for x in (q, k))
    chunk = min(CHUNK, segments.longest)
    layout = _Chunks.of(segments, chunk, v.device)
    decay, write = at_least_float(decay), at_least_float(write)
    heads = layout.spread(q), layout.spread(k), layout.spread(v)
    out = _scan(heads, layout.spread(decay), layout.spread(write), layout.turns)
    return layout.gathered(out).to(dtype)


def _scan(
    heads: tuple[Tensor, Tensor, Tensor], decay: Tensor, write: Tensor, turns: list[Tensor]
) -> Tensor:
    """Return what is read [N, H, C, V] from q and k [N, H, C, D], v [N, H, C, V].

    Within a chunk all corrections are found at once, as a triangular system; the chunks of a
    segment follow each other, those of different segments side by side.
    """
    q, k, v = heads
    summed = decay.cumsum(-1)
    between = summed[..., :, None] - summed[..., None, :]
    above = torch.ones(between.shape[-2:], dtype=torch.bool, device=q.device).triu(1)
    between = between.masked_fill(above, float("-inf")).exp()
    k_written = k * write[..., None]
    system = (k_written @ k.transpose(-1, -2)) * between
    both = torch.cat((v * write[..., None], k_written * summed.exp()[..., None]), dim=-1)
    solved = torch.linalg.solve_triangular(system, both, upper=False, unitriangular=True)
    new, old = solved.split([v.shape[-1], k.shape[-1]], dim=-1)
    inside = (q @ k.transpose(-1, -2)) * between
    q = q * summed.exp()[..., None]
    k = k * (summed[..., -1:] - summed).exp()[..., None]
    left = summed[..., -1].exp()[..., None, None]
    out: list[Tensor] = []
    state: Tensor | None = None
    for chunks in turns:  # in each turn the next chunk of every segment that has one
        corrected, added = new[chunks], k[chunks].transpose(-1, -2)
        read = inside[chunks]
        if state is None:
            out.append(read @ corrected)
            state = added @ corrected
            continue
        state = state[: len(chunks)]
        corrected = corrected - old[chunks] @ state
        out.append(q[chunks] @ state + read @ corrected)
        state = state * left[chunks] + added @ corrected
    return torch.cat(out)[torch.argsort(torch.cat(turns))]


@dataclass(frozen=True, slots=True)
class _Chunks:
    """How the tokens of several segments lie in chunks that each belong to one segment.

    Attributes:
        slots: each token's place among the N C places [T].
        count: N.
        size: C.
        turns: the first chunk of every segment, then the second, …; the longest segment first.
    """

    slots: Tensor
    count: int
    size: int
    turns: list[Tensor]

    @classmethod
    def of(cls, segments: Segments, size: int, device: torch.device) -> _Chunks:
        """Lay out the tokens of ``segments`` in chunks of ``size``."""
        counts = [-(-length // size) for length in segments.lengths]
        firsts = [sum(counts[:number]) for number in range(len(counts))]
        slots = torch.cat([
            torch.arange(first * size, first * size + length, device=device)
            for first, length in zip(firsts, segments.lengths, strict=True)
        ])  # fmt: skip
        longest_first = sorted(range(len(counts)), key=lambda number: -counts[number])
        turns = [
            [firsts[number] + turn for number in longest_first if counts[number] > turn]
            for turn in range(max(counts))
        ]
        there = [torch.tensor(turn, device=device) for turn in turns]
        return cls(slots, sum(counts), size, there)

    def spread(self, x: Tensor) -> Tensor:
        """Return ``x`` [T, H, …] as [N, H, C, …], zero where no token is."""
        out = x.new_zeros(self.count * self.size, *x.shape[1:])
        out = out.index_copy(0, self.slots, x)
        return out.view(self.count, self.size, *x.shape[1:]).transpose(1, 2)

    def gathered(self, x: Tensor) -> Tensor:
        """Inverse of :meth:`spread` for ``x`` [N, H, C, V]."""
        return x.transpose(1, 2).reshape(self.count * self.size, *x.shape[1:2], x.shape[-1])[
            self.slots
        ]
