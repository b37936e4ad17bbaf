"""How many bits each tensor gets, as llama.cpp's own quantiser chooses.

The rules are those of ``llama_tensor_get_type`` in llama.cpp (MIT licence), for the kinds that are
offered here. The weights are packed by libgguf, whose kernels are llama.cpp's reference ones.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

QUANTS = ("F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M")
ADAPTER = "LoRA"
"""No whole model: the adapter alone, for a llama.cpp that has the base."""
PACKINGS = (*QUANTS, ADAPTER)
PLAIN = ("F16", "BF16", "Q8_0")
"""Those that the converter writes itself, every weight by the same rule."""
BITS = {"F16": 16.0, "BF16": 16.0, "Q8_0": 8.5, "Q6_K": 6.6, "Q5_K_M": 5.7, "Q4_K_M": 4.9}
"""Bits that a weight takes on average."""
_BASE = {"Q6_K": "Q6_K", "Q5_K_M": "Q5_K", "Q4_K_M": "Q4_K"}
_BLOCK = 256
_NARROW = {"Q4_K": "Q5_0", "Q5_K": "Q5_1", "Q6_K": "Q8_0"}  # for rows that no block of 256 fits
_SMALL_BLOCK = 32
_WIDE, _EMBEDDING, _HEAD = "F16", "token_embd.weight", "output.weight"
_MIXED = ("attn_v.weight", "ffn_down.weight")


@dataclass(frozen=True)
class Recipe:
    """The choice for one model.

    Attributes:
        quant: one of :data:`QUANTS` that is packed in blocks of 256.
        layers: how many the model has.
        names: of all its tensors.
    """

    quant: str
    layers: int
    names: Collection[str]

    def kind(self, name: str, width: int) -> str:
        """Return the type of a weight whose rows are ``width`` numbers long."""
        return fitting(self._wanted(name), width)

    def _wanted(self, name: str) -> str:
        if name == _HEAD or (name == _EMBEDDING and _HEAD not in self.names):
            return "Q6_K"
        usual = _BASE[self.quant]
        if self.quant == "Q6_K":
            return usual
        if name.endswith("attn_qkv.weight"):
            return {"Q4_K": "Q5_K", "Q5_K": "Q6_K"}[usual]
        if name.endswith(_MIXED) and self._gets_more(_layer(name)):
            return "Q6_K"
        return usual

    def _gets_more(self, layer: int) -> bool:
        """The first and the last eighth of the layers, and every third between them."""
        eighth = self.layers // 8
        return layer < eighth or layer >= 7 * self.layers // 8 or (layer - eighth) % 3 == 2


def fitting(kind: str, width: int) -> str:
    """Return ``kind``, or what llama.cpp takes where its blocks do not fit the rows."""
    if kind in _NARROW and width % _BLOCK:
        kind = _NARROW[kind]
    return _WIDE if width % _SMALL_BLOCK else kind


def _layer(name: str) -> int:
    parts = name.split(".")
    return int(parts[1]) if parts[0] == "blk" else 0
