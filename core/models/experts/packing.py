"""Experts' weights in 4 bits: each expert is packed by itself, so that it can be unpacked alone.

transformers keeps the weights of all experts of a layer in one parameter [E, ...], which
bitsandbytes leaves in 16 bits. The format is that of QLoRA's linears: NF4 in blocks of 64 values,
whose scales are stored in 8 bits (Dettmers et al., *QLoRA: Efficient Finetuning of Quantized LLMs*,
2023).
"""

from __future__ import annotations

from typing import Any, Self

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
    """

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

    def plain_scales(self) -> Tensor:
        """Return the scales as :meth:`unpacked` takes them, where several are unpacked in a row."""
        return self.scales

    def unpacked(self, expert: int, scales: Tensor | None = None) -> Tensor:
        """Return the weights [a, b] of one expert.

        Args:
            scales: what :meth:`plain_scales` gives.
        """
        raise NotImplementedError

    def all_unpacked(self) -> Tensor:
        """Return the weights of all experts [E, a, b]; for exports and tests."""
        scales = self.plain_scales()
        return torch.stack([self.unpacked(expert, scales) for expert in range(len(self))])


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

    def unpacked(self, expert: int, scales: Tensor | None = None) -> Tensor:
        """Return the weights [in, out] of one expert."""
        exponents = (self.scales if scales is None else scales)[expert]
        return mxfp4(self.data[expert].view(*exponents.shape, -1), exponents).T


class PackedExperts(ExpertsOfBytes):
    """Experts in NF4, of bytes [E, ⌈a·b / 2⌉].

    Attributes:
        scales: one for each block [E, blocks], in 8 bits.
        shifts: mean scale of each expert [E].
        scales_of_scales: [E, ⌈blocks / 256⌉].
        levels: the values that 4 bits can name [16].
        scale_levels: the values that 8 bits can name [256].
    """

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

    def plain_scales(self) -> Tensor:
        """Return the scale of each block [E, blocks] in 32 bits."""
        named = self.scale_levels[self.scales.int()]
        nested = self.scales_of_scales.repeat_interleave(256, dim=1)[:, : named.shape[1]]
        return named * nested + self.shifts[:, None]

    def unpacked(self, expert: int, scales: Tensor | None = None) -> Tensor:
        """Return the weights [a, b] of one expert.

        Args:
            scales: what :meth:`plain_scales` gives, where several experts are unpacked in a row.
        """
        from bitsandbytes.functional import QuantState, dequantize_4bit

        scales = self.plain_scales() if scales is None else scales
        state = QuantState(
            absmax=scales[expert], shape=self.ds_shape[1:], code=self.levels, blocksize=BLOCK,
            quant_type="nf4", dtype=self.kind,
        )  # fmt: skip
        weights: Tensor = dequantize_4bit(self.data[expert].view(-1, 1), state)
        return weights
