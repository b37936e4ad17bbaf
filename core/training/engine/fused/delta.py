"""The states of gated delta-net layers by Triton kernels: the same as ``DeltaNet`` without them.

Queries, keys, values and gates are read from the product before them where they lie. On the way
back all is computed again, so that nothing is kept between the passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from core.hardware.cards.kernels import launchable_safely
from core.settings import application_folder
from core.training.engine.fused.dispatch import kernels_for

_KERNELS = "core.training.engine.fused.delta_kernels"
_SIZES = {64, 128}  # of keys and values that the kernels were tried with on a card
_TRIED = (70, 64, 5)  # tokens of the examples of a try
_FAR = 0.05  # bfloat16 is 0.4 % off, half precision up to 2 %
_LONGEST, _SHORTEST = 64, 16  # tokens of a chunk


class Parts(NamedTuple):
    """Columns of a product [T, …] or of its gradient: what some heads take from it."""

    q: Tensor  # [T, G D], like k
    k: Tensor
    v: Tensor  # [T, H V], like gates
    gates: Tensor
    write: Tensor  # [T, H], like forget
    forget: Tensor


class Scales(NamedTuple):
    """What the heads have of their own, beside the product."""

    taps: Tensor  # [2 G D + H V, W]
    rate: Tensor  # logarithm [H]
    bias: Tensor  # [H]
    norm: tuple[Tensor, float]  # [V], and what is added to a mean square


Plain = Callable[[Tensor, Scales, tuple[int, int], tuple[int, ...]], Tensor]
"""Computes the same without kernels: product, scales of the heads, D and V, lengths of segments."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the chunks of a micro-batch lie, on the device.

    Attributes:
        places: each token's place in its segment [T].
        chunks: first token and number of tokens of each chunk [N].
        segments: first chunk and number of chunks of each segment.
        size: tokens of a full chunk.
    """

    places: Tensor
    chunks: tuple[Tensor, Tensor]
    segments: tuple[Tensor, Tensor]
    size: int


def kernels_for_heads(product: Tensor, key_dim: int, value_dim: int, plain: Plain) -> Any:
    """Return the module of kernels if it can work on heads of these sizes, else ``None``.

    Products of 32 bits have none: exact products of this size compile for minutes.
    """
    if not {key_dim, value_dim} <= _SIZES or product.element_size() != 2:
        return None
    if kernels_for(product) is None:
        return None
    return _found(product.device, product.dtype, (key_dim, value_dim), plain)


@cache
def _found(device: torch.device, dtype: torch.dtype, sizes: tuple[int, int], plain: Plain) -> Any:
    """Return the kernels if they can be launched here and give what the plain form gives.

    A card may have too little fast memory for them, and a compiler has been seen to get such
    kernels wrong.
    """

    def launch(kernels: Any) -> None:
        far = distance(kernels, device, dtype, sizes, plain)
        if not far < _FAR:
            raise RuntimeError(f"kernels of delta-net layers are {far:.1%} off on this card")

    return launchable_safely(_KERNELS, launch, _note(device, dtype, sizes))[0]


def _note(device: torch.device, dtype: torch.dtype, sizes: tuple[int, int]) -> Path:
    """Return a name for tries on this card with this compiler."""
    card = torch.cuda.get_device_name(device)
    compiler = import_module("triton").__version__  # its package has another name on Windows
    parts = "delta", card, compiler, str(dtype), *map(str, sizes)
    named = "-".join(parts)
    return application_folder() / "kernels" / re.sub(r"[^\w.]+", "-", named)


def distance(
    kernels: Any, device: torch.device, dtype: torch.dtype, sizes: tuple[int, int], plain: Plain
) -> float:
    """Return how far outputs and gradients of two random heads are from those of ``plain``.

    The gradients of queries, keys, values and gates count each by itself: the farthest, or no
    number where one of them is none.
    """
    key, value = sizes
    draw = torch.Generator().manual_seed(1)

    def random(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=draw).to(device, dtype)

    norm = random(value), 1e-6
    rate = torch.tensor([-1.0, 3.0]).to(device, dtype)  # one remembers, one forgets at once
    scales = Scales(random(2 * key + 2 * value, 4) / 2, rate, random(2), norm)
    widths = [key, key, 2 * value, 2 * value, 2, 2]
    product, d = random(sum(_TRIED), sum(widths)), random(sum(_TRIED), 2 * value)
    out, d_product = torch.empty_like(d), torch.empty_like(product)
    parts, d_parts = (Parts(*torch.split(x, widths, dim=1)) for x in (product, d_product))
    states = States(kernels, parts, scales, sizes, layout(_TRIED, device))
    states.forward(out)
    states.backward(d, d_parts)
    with torch.enable_grad(), torch.autocast(device.type, enabled=False):
        leaf = product.float().requires_grad_()
        expected = plain(leaf, scales, sizes, _TRIED)
        (d_expected,) = torch.autograd.grad(expected, leaf, d.float())
    pairs = zip(
        (out, *d_parts), (expected.detach(), *torch.split(d_expected, widths, dim=1)), strict=True
    )
    apart = [(got.float() - wanted).norm() / wanted.norm() for got, wanted in pairs]
    return float(torch.stack(apart).max())  # Python's own would pass over what is no number


@lru_cache(maxsize=2)  # every layer of a micro-batch asks for the same
def layout(lengths: tuple[int, ...], device: torch.device) -> Layout:
    """Lay out segments of these lengths in chunks that each belong to one of them."""
    size = _SHORTEST
    while size < min(_LONGEST, max(lengths)):
        size *= 2
    begins, sizes, firsts, counts = (list[int]() for _ in range(4))
    start = 0
    for length in lengths:
        firsts.append(len(begins))
        begins += range(start, start + length, size)
        sizes += [min(size, length - at) for at in range(0, length, size)]
        counts.append(len(begins) - firsts[-1])
        start += length
    table = torch.tensor([*begins, *sizes, *firsts, *counts], dtype=torch.int32).to(device)
    parts = torch.split(table, [len(begins), len(begins), len(firsts), len(firsts)])
    places = torch.cat([torch.arange(length, dtype=torch.int32) for length in lengths])
    return Layout(places.to(device), (parts[0], parts[1]), (parts[2], parts[3]), size)


@dataclass(frozen=True, slots=True)
class States:
    """Some heads of a layer over a micro-batch.

    Attributes:
        kernels: module of the Triton kernels.
        parts: what they take from the product.
        scales: what they have of their own.
        sizes: D and V.
        layout: where the chunks lie.
    """

    kernels: Any
    parts: Parts
    scales: Scales
    sizes: tuple[int, int]
    layout: Layout

    def forward(self, out: Tensor) -> None:
        """Write what the states say, normed and gated, into ``out`` [T, H V]."""
        heads, system = self._prepared()
        said = torch.empty_like(heads[2])
        self.kernels.scan(heads, system, self.layout.chunks, self.layout.segments, said)
        self.kernels.gated(said, self.parts.gates, *self.scales.norm, out)

    def backward(self, d: Tensor, d_parts: Parts) -> None:
        """Write the gradient of the product into ``d_parts``, from ``d`` [T, H V]."""
        kernels, chunks, segments = self.kernels, self.layout.chunks, self.layout.segments
        heads, system = self._prepared()
        said, corrected, d_said, d_right = (torch.empty_like(heads[2]) for _ in range(4))
        kept = corrected, self._states(said)
        kernels.scan(heads, system, chunks, segments, said, kept)
        kernels.gated_back(said, self.parts.gates, *self.scales.norm, d, d_said, d_parts.gates)
        found = self._states(said), d_right
        kernels.scan_back(heads, system, chunks, segments, d_said, found)
        d_q, d_k = (
            d.new_empty(len(d), said.shape[1], self.sizes[0], dtype=torch.float32) for _ in range(2)
        )
        gates = self.parts.forget, self.scales.rate, self.scales.bias
        written = d_q, d_k, d_parts.write, d_parts.forget
        kernels.chunk_back(heads, system, chunks, kept, d_said, found, gates, written)
        gradients = d_q, d_k, d_right
        for (x, taps, scale, size), d_head, d_x in zip(
            self._taken(), gradients, d_parts[:3], strict=True
        ):
            kernels.taken_back(x, taps, self.layout.places, d_head, system[1], d_x, size, scale)

    def _states(self, like: Tensor) -> Tensor:
        chunks, heads = len(self.layout.chunks[0]), like.shape[1]
        return like.new_empty(chunks, heads, *self.sizes, dtype=torch.float32)

    def _taken(self) -> Iterator[tuple[Tensor, Tensor, float, int]]:
        """Yield queries, keys and values: columns, taps, length of a head (0: as it is), size."""
        keys, (key, value) = self.parts.q.shape[1], self.sizes
        taps = torch.split(self.scales.taps, [keys, keys, self.parts.v.shape[1]])
        yield self.parts.q, taps[0], key**-0.5, key
        yield self.parts.k, taps[1], 1.0, key
        yield self.parts.v, taps[2], 0.0, value

    def _prepared(self) -> tuple[tuple[Tensor, ...], tuple[Tensor, Tensor, Tensor]]:
        """Return q and k [T, G, D], v [T, H, V], and what the kernels call the system."""
        heads = []
        for x, taps, scale, size in self._taken():
            out = x.new_empty(len(x), x.shape[1] // size, size)
            self.kernels.taken(x, taps, self.layout.places, out, scale)
            heads.append(out)
        write, size = self.parts.write, self.layout.size
        summed, weight = (torch.empty_like(write, dtype=torch.float32) for _ in range(2))
        summed, weight = summed.contiguous(), weight.contiguous()
        shape = len(self.layout.chunks[0]), write.shape[1], size, size
        inverse = write.new_empty(shape, dtype=torch.float32)
        self.kernels.prepared(
            heads[1], write, self.parts.forget, self.scales.rate, self.scales.bias,
            self.layout.chunks, summed, weight, inverse,
        )  # fmt: skip
        return tuple(heads), (summed, weight, inverse)
