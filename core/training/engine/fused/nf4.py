"""Frozen base weights: kept in 4 bits, written out into scratch memory that all layers share.

Source: NF4 (the 16 quantiles of a normal distribution, one scale for each block of weights) and
scales that are quantised themselves are from Dettmers et al., 2023, *QLoRA: Efficient Finetuning of
Quantized LLMs*; the stored layout is that of bitsandbytes.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import bitsandbytes as bnb
import torch
from torch import Tensor, nn

from core.training.engine.fused.dispatch import kernels_for

Shape = tuple[int, int, int]


def keep_plain_layout(model: nn.Module) -> None:
    """Stop bitsandbytes from repacking 4-bit weights when a model answers on the CPU.

    WORKAROUND (bitsandbytes 0.50): on processors with AVX-512-BF16 its linear layer, once called
    in eval mode, rounds its scales and changes to a layout through which no gradient flows.
    """
    for module in model.modules():
        if isinstance(module, bnb.nn.Linear4bit):
            module.support_avx512bf16_for_cpu = False


def is_quantised(weight: Tensor) -> bool:
    """Whether ``weight`` [N, K] is stored in 4 bits."""
    return getattr(weight, "quant_state", None) is not None


def is_plain(weight: Tensor) -> bool:
    """Whether ``weight`` [N, K] is dense, or 4-bit in the layout that can be written out."""
    state = getattr(weight, "quant_state", None)
    if state is None:
        return weight.is_floating_point()
    return not getattr(state, "packing_format_for_cpu", False)


def rows_of(weight: Tensor) -> tuple[int, int]:
    """Return (N, K) of a weight [N, K], however it is stored."""
    state = getattr(weight, "quant_state", None)
    n, k = weight.shape if state is None else state.shape
    return int(n), int(k)


def write_out(weights: Sequence[Tensor], out: Tensor, adapters: Sequence[Tensor] = ()) -> None:
    """Write ``weights`` [N_i, K], one below the other, in the type of ``out`` [N, K] into it.

    Args:
        weights: 4-bit or dense.
        out: rows may be strided.
        adapters: one B [N_i, r_i] for each weight (r_i may be 0). Their block diagonal goes into
            the memory between the rows of ``out``, and zeros into the rest of that memory.
    """
    kernels = kernels_for(out)
    if kernels is not None and _one_launch(weights, out):
        kernels.write_out(weights, out, adapters)
        return
    rows = [rows_of(weight)[0] for weight in weights]
    for weight, some in zip(weights, torch.split(out, rows), strict=True):
        some.copy_(_wide(weight, out.dtype))
    if adapters:
        _lay_diagonal(adapters, behind(out))


def behind(x: Tensor) -> Tensor:
    """Return the memory between the rows of ``x`` [T, K] as [T, stride - K]."""
    rows, width = x.shape
    start = x.storage_offset() + width
    return x.as_strided((rows, x.stride(0) - width), (x.stride(0), 1), start)


def with_behind(x: Tensor) -> Tensor:
    """Return ``x`` [T, K] with the memory between its rows as [T, stride]."""
    return x.as_strided((x.shape[0], x.stride(0)), (x.stride(0), 1))


def _one_launch(weights: Sequence[Tensor], out: Tensor) -> bool:
    """Whether one kernel can write all ``weights`` [N_i, K] into ``out`` [N, K]."""
    states = [getattr(weight, "quant_state", None) for weight in weights]
    if len(states) > 3 or any(state is None for state in states):
        return False
    forms = {(state.blocksize, state.nested, state.quant_type) for state in states if state}
    return len(forms) == 1 and out.shape[1] % states[0].blocksize == 0  # type: ignore[union-attr]


def _wide(weight: Tensor, dtype: torch.dtype) -> Tensor:
    """Return ``weight`` [N, K] in ``dtype`` if it is stored in 4 bits, else as it is."""
    state = getattr(weight, "quant_state", None)
    if state is None:
        return weight
    scales = state.absmax
    if state.nested:
        scales = bnb.functional.dequantize_blockwise(scales, state.state2) + state.offset
    wide: Tensor = torch.ops.bitsandbytes.dequantize_4bit(
        weight.data, scales.float(), state.blocksize, state.quant_type, state.shape, dtype
    )
    return wide


def _lay_diagonal(blocks: Sequence[Tensor], out: Tensor) -> None:
    """Write ``blocks`` [N_i, r_i] as a block diagonal into ``out`` [N, >= R], the rest zero."""
    out.zero_()
    row = col = 0
    for block in blocks:
        out[row : row + block.shape[0], col : col + block.shape[1]] = block
        row, col = row + block.shape[0], col + block.shape[1]


class Scratch:
    """Memory for one written-out weight per slot, reused by all layers.

    A slot remembers whose weights it holds, so that a backward pass that follows directly on the
    same layer's forward pass does not write them out again.
    """

    def __init__(self) -> None:
        self._memory: dict[Hashable, Tensor] = {}
        self._holds: dict[Hashable, object] = {}

    def forget(self) -> None:
        """Give the memory back; nothing is held any more."""
        self._memory.clear()
        self._holds.clear()

    def claim(
        self, owner: object, slot: Hashable, like: Tensor, shape: Shape
    ) -> tuple[Tensor, bool]:
        """Return memory [N, K] for ``owner``, and whether its weights are still in it.

        It is the owner's until the slot is claimed by another one.

        Args:
            owner: whose weights will be in it.
            slot: which memory; slots never share.
            like: gives device and type.
            shape: N, K, and how many further elements follow each row.
        """
        n, k, room = shape
        memory = self._memory.get(slot)
        if memory is None or memory.numel() < n * (k + room) or memory.dtype != like.dtype:
            self._holds.pop(slot, None)
            self._memory.pop(slot, None)
            memory = self._memory[slot] = like.new_empty(n * (k + room))
        held = self._holds.get(slot) is owner
        self._holds[slot] = owner
        return memory[: n * (k + room)].view(n, k + room)[:, :k], held
