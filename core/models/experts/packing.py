"""Experts' weights in 4 bits: each expert is packed by itself, so that any of them can be unpacked.

transformers keeps the weights of all experts of a layer in one parameter [E, ...], which
bitsandbytes leaves in 16 bits. The format is that of QLoRA's linears: NF4 in blocks of 64 values,
whose scales are stored in 8 bits (Dettmers et al., *QLoRA: Efficient Finetuning of Quantized LLMs*,
2023).
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

from core.models.four_bit import import_bitsandbytes
from core.models.stored.reading import Blocks, mxfp4

BLOCK = 64
"""Values that share a scale."""


class ExpertsOfBytes(nn.Parameter):
    """The weights of E experts as bytes [E, n] in the place of a parameter.

    Attributes:
        ds_shape: (E, a, b) of the weights. peft takes it for the shape of a parameter whose own
            shape is another one.
        kind: the type that the weights are unpacked to.
        scales: in whatever form.
        beside: names of the tensors that travel with the bytes; those of a few bytes stay.
    """

    beside: ClassVar[tuple[str, ...]] = ("scales",)
    ds_shape: torch.Size
    kind: torch.dtype
    scales: Tensor

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Copy everything; a parameter's own way would leave out the scales."""
        copy: Self = type(self)(self.data.clone(), requires_grad=False)
        copy.__dict__.update(
            {k: v.clone() if isinstance(v, Tensor) else v for k, v in self.__dict__.items()}
        )
        memo[id(self)] = copy
        return copy

    def let_wait(self) -> Self:
        """Move bytes and scales to the host's memory, where a stream will fetch them from."""
        for name in ("data", *self.beside):
            setattr(self, name, getattr(self, name).cpu())
        return self

    def unpacked(self, experts: Tensor | None = None) -> Tensor:
        """Return the weights [G, a, b] of some experts by their numbers [G]; by default, of all."""
        raise NotImplementedError


class BlockExperts(ExpertsOfBytes):
    """Experts in MXFP4, exactly as gpt-oss was published: NF4 would round them a second time.

    The weights [E, in, out] are stored the other way round, with exponents [E, out, groups].
    """

    @classmethod
    def of(cls, blocks: Blocks) -> Self:
        """Take over stored blocks as they are."""
        count, rows, groups, half = blocks.values.shape
        found: Self = cls(blocks.values.flatten(1), requires_grad=False)
        found.ds_shape = torch.Size((count, 2 * groups * half, rows))
        found.kind, found.scales = torch.bfloat16, blocks.exponents
        return found

    def unpacked(self, experts: Tensor | None = None) -> Tensor:
        """Return the weights [G, in, out] of some experts by their numbers [G], or of all."""
        values, exponents = _chosen(experts, self.data, self.scales)
        return mxfp4(values.view(*exponents.shape, -1), exponents).transpose(1, 2)


class PackedExperts(ExpertsOfBytes):
    """Experts in NF4, of bytes [E, ⌈a·b / 2⌉].

    Attributes:
        scales: one for each block [E, blocks], in 8 bits.
        shifts: mean scale of each expert [E].
        scales_of_scales: [E, ⌈blocks / 256⌉].
        levels: the values that 4 bits can name [16].
        scale_levels: the values that 8 bits can name [256].
    """

    beside: ClassVar[tuple[str, ...]] = ("scales", "shifts", "scales_of_scales")
    shifts: Tensor
    scales_of_scales: Tensor
    levels: Tensor
    scale_levels: Tensor

    @classmethod
    def of(cls, weights: Tensor) -> Self:
        """Pack ``weights`` [E, a, b]; only one expert's copy exists besides at any time."""
        import_bitsandbytes()
        from bitsandbytes.functional import quantize_4bit

        rows: list[tuple[Tensor, ...]] = []
        state: Any = None
        for one in weights.detach():
            packed, state = quantize_4bit(
                one.contiguous(), blocksize=BLOCK, compress_statistics=True, quant_type="nf4"
            )
            rows.append((packed.flatten(), state.absmax, state.offset, state.state2.absmax))
        packed, scales, shifts, nested = (torch.stack(column) for column in zip(*rows, strict=True))
        found: Self = cls(packed, requires_grad=False)
        found.ds_shape, found.kind = weights.shape, weights.dtype
        found.scales, found.shifts, found.scales_of_scales = scales, shifts, nested
        found.levels, found.scale_levels = state.code, state.state2.code
        return found

    def unpacked(self, experts: Tensor | None = None) -> Tensor:
        """Return the weights [G, a, b] of some experts by their numbers [G], or of all."""
        values, *scales = _chosen(
            experts, self.data, self.scales, self.scales_of_scales, self.shifts
        )
        blocks = self._plain(*scales)
        shape = self.ds_shape[1:]
        if shape.numel() % BLOCK == 0:  # no block reaches from one expert into the next
            return self._unpack(values, blocks, BLOCK).view(-1, *shape)
        pairs = zip(values, blocks, strict=True)
        return torch.stack([self._unpack(*one, shape.numel()).view(shape) for one in pairs])

    def _plain(self, scales: Tensor, nested: Tensor, shifts: Tensor) -> Tensor:
        """Return the scale of each block [G, blocks] in 32 bits."""
        named = self.scale_levels[scales.int()]
        each = nested.repeat_interleave(256, dim=1, output_size=256 * nested.shape[1])
        return named.mul_(each[:, : named.shape[1]]).add_(shifts[:, None])

    def _unpack(self, values: Tensor, scales: Tensor, columns: int) -> Tensor:
        """Return as many whole rows of weights as the bytes hold.

        WORKAROUND (bitsandbytes 0.50): on a processor, rows that are shorter than a block get the
        scales of other ones. So the rows here are not those of the matrix.
        """
        from bitsandbytes.functional import QuantState, dequantize_4bit

        rows = max(1, 2 * values.numel() // columns)
        state = QuantState(
            absmax=scales.flatten(), shape=torch.Size((rows, columns)), code=self.levels,
            blocksize=BLOCK, quant_type="nf4", dtype=self.kind,
        )  # fmt: skip
        weights: Tensor = dequantize_4bit(values.reshape(-1, 1), state)
        return weights


def _chosen(experts: Tensor | None, *tensors: Tensor) -> tuple[Tensor, ...]:
    """Return the rows of each tensor [E, ...] that belong to these experts."""
    if experts is None:
        return tensors
    return tuple(tensor.index_select(0, experts) for tensor in tensors)
