"""Base weights that wait in the host's memory and come to the card layer by layer.

A few blocks of device memory form a ring. While one layer computes, the next one's weights are
copied into another block on a stream of their own, in the order in which the pass runs: upwards in
the forward pass, downwards in the backward pass. Without a card the same code runs with plain
copies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from core.config.engine import RING
from core.training.engine.offload import host_blocks

LOADED = "weights_waiting_on_the_host"
"""Attribute of a layer that was loaded to wait: its :class:`Packed`, until a stream takes it."""
_ALIGNMENT = 256  # bytes, as fresh device memory has it


@dataclass(frozen=True, slots=True)
class Piece:
    """One tensor of a layer: the attribute that holds it, and its place in the layer's block."""

    holder: Any
    name: str
    start: int
    dtype: torch.dtype
    shape: torch.Size

    def bind(self, block: Tensor) -> None:
        """Let the attribute be a view of ``block`` (bytes)."""
        size = prod(self.shape) * self.dtype.itemsize
        view = block[self.start : self.start + size].view(self.dtype).view(self.shape)
        setattr(self.holder, self.name, view)


@dataclass(eq=False, slots=True)
class Packed:
    """The weights of one layer, end to end in one block of the host's memory.

    The model's own parameters are views of it, or of a block of the ring while the layer is there.
    """

    host: Tensor
    pieces: list[Piece]
    pinned: bool = False

    @classmethod
    def of(cls, layer: int, weights: Sequence[Tensor], *, pin: bool) -> Packed:
        """Move ``weights`` [N, K] (4-bit or dense) of a layer into a block of the host's memory.

        They lie there in the order of ``weights``; processes that share blocks must give the same.
        """
        pieces, end = [], 0
        for holder, name in stored_tensors(weights):
            tensor = getattr(holder, name)
            pieces.append(Piece(holder, name, end, tensor.dtype, tensor.shape))
            end += -(-tensor.numel() * tensor.element_size() // _ALIGNMENT) * _ALIGNMENT
        packed = cls(host_blocks.block(layer, end), pieces)
        packed.pinned = pin and _register(packed.host)
        for piece in pieces:
            source = getattr(piece.holder, piece.name)
            piece.bind(packed.host)
            getattr(piece.holder, piece.name).copy_(source)
        return packed

    def is_of(self, weights: Sequence[Tensor]) -> bool:
        """Return whether exactly these ``weights`` [N, K] lie here."""
        mine = [(piece.holder, piece.name) for piece in self.pieces]
        theirs = list(stored_tensors(weights))
        return len(mine) == len(theirs) and all(
            any(holder is other and name == called for other, called in mine)
            for holder, name in theirs
        )

    def bind(self, block: Tensor) -> None:
        """Let the model's parameters be views of ``block`` [bytes] (uint8)."""
        for piece in self.pieces:
            piece.bind(block)

    def leave(self, device: torch.device) -> None:
        """Give the weights memory of their own on ``device`` again; all of them or none."""
        self.bind(self.host)
        there = [getattr(p.holder, p.name).to(device, copy=True) for p in self.pieces]
        for piece, tensor in zip(self.pieces, there, strict=True):
            setattr(piece.holder, piece.name, tensor)
        if self.pinned:
            torch.cuda.cudart().cudaHostUnregister(self.host.data_ptr())  # type: ignore[no-untyped-call]


def linear_weights(layer: nn.Module) -> list[Tensor]:
    """Return the frozen weights [N, K] of the linears of a transformers' layer, ordered by name.

    The order is the same before and after peft has wrapped them, and in every process.
    """
    found = {
        name.removesuffix(".base_layer"): part.weight
        for name, part in layer.named_modules()
        if isinstance(part, nn.Linear) and "lora_" not in name
    }
    return [found[name] for name in sorted(found)]


def stored_tensors(weights: Sequence[Tensor]) -> Iterator[tuple[Any, str]]:
    """Name every tensor that a weight consists of; constants of a few bytes stay where they are."""
    for weight in weights:
        yield weight, "data"
        for name in getattr(weight, "beside", ()):  # of experts
            yield weight, name
        state = getattr(weight, "quant_state", None)
        if state is not None:
            yield state, "absmax"
            if state.nested:
                yield state.state2, "absmax"


def _register(host: Tensor) -> bool:
    """Pin memory [bytes] in place; torch's own pinned memory is rounded up to a power of two."""
    runtime = torch.cuda.cudart()  # type: ignore[no-untyped-call]
    return int(runtime.cudaHostRegister(host.data_ptr(), host.numel(), 0)) == 0


class WeightStream:
    """Brings the weights of the layers that wait on the host, and fetches ahead."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._waiting: dict[int, Packed] = {}
        self._hooks: dict[int, Any] = {}
        self._ring: list[Tensor] = []
        self._holds: list[int | None] = []
        self._ready: list[Any] = []
        self._stream: Any = None
        if device.type == "cuda":
            self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    @property
    def waiting(self) -> set[int]:
        """The layers whose weights wait on the host."""
        return set(self._waiting)

    def hold(
        self, wanted: Mapping[int, Sequence[Tensor]], modules: Sequence[nn.Module] = ()
    ) -> None:
        """Let exactly the layers in ``wanted`` wait on the host.

        Args:
            wanted: the base weights [N, K] of each such layer.
            modules: transformers' layers, which ask for their weights when the model answers by
                its own forward pass; none where layers ask by themselves.
        """
        self._empty_ring()
        for index in self.waiting - set(wanted):
            self._waiting[index].leave(self.device)
            del self._waiting[index]  # not before: where there is no room, the layer still waits
            if (hook := self._hooks.pop(index, None)) is not None:
                hook.remove()
        for index in sorted(set(wanted) - self.waiting):
            module = modules[index] if modules else None
            self._waiting[index] = self._packed(index, wanted[index], module)
            if module is not None:
                hook = module.register_forward_pre_hook(self._asking(index))
                self._hooks[index] = hook
        self._make_ring()

    def _packed(self, index: int, weights: Sequence[Tensor], module: nn.Module | None) -> Packed:
        """The layer's block [bytes], which it already has if it was loaded to wait."""
        loaded: Packed | None = None if module is None else module.__dict__.pop(LOADED, None)
        if loaded is not None and loaded.is_of(weights):
            return loaded
        return Packed.of(index, weights, pin=self._stream is not None)

    def _asking(self, index: int) -> Callable[..., None]:
        return lambda *_: self.need(index)

    def _empty_ring(self) -> None:
        if self._stream is not None:
            self._stream.synchronize()
        for index in self._holds:
            if index is not None:
                self._waiting[index].bind(self._waiting[index].host)
        self._ring, self._holds, self._ready = [], [], []

    def _make_ring(self) -> None:
        sizes = [packed.host.numel() for packed in self._waiting.values()]
        count = min(RING, len(sizes))
        self._ring = [
            torch.empty(max(sizes), dtype=torch.uint8, device=self.device) for _ in range(count)
        ]
        self._holds, self._ready = [None] * count, [None] * count

    def need(self, layer: int, *, back: bool = False) -> None:
        """Have the weights of ``layer`` on the device; start bringing those needed after it.

        Args:
            layer: about to be computed; a resident one only lets the next be fetched.
            back: whether the pass runs downwards.
        """
        if not self._waiting:
            return
        if layer in self._waiting:
            self._wait_for(layer)
        following = self._following(layer, back)
        if following is not None and following not in self._holds and len(self._ring) > 1:
            self._send(following, self._slot_beside(layer))

    def _wait_for(self, layer: int) -> None:
        if layer not in self._holds:
            self._send(layer, self._slot_beside(None))
        slot = self._holds.index(layer)
        if self._ready[slot] is not None:
            torch.cuda.current_stream(self.device).wait_event(self._ready[slot])
            self._ready[slot] = None
        self._waiting[layer].bind(self._ring[slot])

    def _following(self, layer: int, back: bool) -> int | None:
        if back:
            return max((i for i in self._waiting if i < layer), default=None)
        return min((i for i in self._waiting if i > layer), default=None)

    def _slot_beside(self, layer: int | None) -> int:
        """The block to overwrite: an empty one, or one that is not ``layer``'s."""
        slots = [slot for slot, held in enumerate(self._holds) if held is None or held != layer]
        return min(slots, key=lambda slot: self._holds[slot] is not None)

    def _send(self, layer: int, slot: int) -> None:
        before, packed = self._holds[slot], self._waiting[layer]
        if before is not None:
            self._waiting[before].bind(self._waiting[before].host)
        self._holds[slot] = layer
        block = self._ring[slot][: packed.host.numel()]
        if self._stream is None:
            block.copy_(packed.host)
            return
        # What still reads this block was launched before now.
        self._stream.wait_stream(torch.cuda.current_stream(self.device))
        with torch.cuda.stream(self._stream):
            block.copy_(packed.host, non_blocking=True)
        self._ready[slot] = self._stream.record_event()

    def release(self) -> None:
        """Bring every layer back to the device for good."""
        self.hold({})
