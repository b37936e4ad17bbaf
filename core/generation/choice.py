"""Which decoder a model gets: the fast one where it computes what the model itself computes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from core.errors import is_out_of_memory
from core.generation.decoder import BatchDecoder, Decoder
from core.generation.packed import lent_few_row_kernels, use_few_row_kernels
from core.generation.plain import PlainDecoder
from core.generation.side_by_side.linears import AdapterBank
from core.hardware.cards.loss import is_card_error

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_KINDS = {"full_attention", "sliding_attention"}
_PROBE = (11, 5, 7, 3, 2, 17, 13, 19)
_MOST = 0.05  # of the logits' spread: bf16 keeps 8 bits, and other kernels sum in another order

logger = logging.getLogger(__name__)


def decoder_for(model: PreTrainedModel, bank: AdapterBank, slots: int, context: int) -> Decoder:
    """Return a decoder with ``slots`` rows of ``context`` tokens; the model is its own from now on.

    Args:
        model: frozen, and only used for answers.
        bank: the fine-tunes on it.
    """
    use_few_row_kernels(model)
    return _fast(model, bank, slots, context) or PlainDecoder(model, bank, slots, context)


@contextmanager
def borrowed(model: PreTrainedModel, slots: int, context: int) -> Iterator[Decoder | None]:
    """Yield a fast decoder on a model that stays as it is; ``None`` where it suits no such one.

    A peft model answers with its adapter as it is switched.
    """
    before = _attention(model)
    with lent_few_row_kernels(model):
        try:
            yield _fast(model, AdapterBank(model), slots, context)
        finally:
            _restore(model, before)


def _fast(model: PreTrainedModel, bank: AdapterBank, slots: int, context: int) -> Decoder | None:
    if bank.has_experts:  # recorded steps could not wait for what the host must know of them
        return None
    if not set(getattr(model.config.get_text_config(), "layer_types", None) or ()) <= _KINDS:
        return None
    before = _attention(model)
    try:
        fast = BatchDecoder(model, bank, slots, context)
        off = _distance(fast, PlainDecoder(model, bank, 2, context))
        if off <= _MOST:
            return fast
        logger.warning("the fast steps are %.3f of the spread away from the model's own", off)
    except Exception as error:  # the code of some families takes no such cache or mask
        if is_out_of_memory(error) or is_card_error(error):
            raise
        logger.warning("the fast steps do not suit this model: %s", error)
    _restore(model, before)
    return None


def _distance(fast: Decoder, plain: Decoder) -> float:
    """How far the logits of the two are apart, after reading and after a step of two rows."""
    rows = min(2, fast.slots)
    found, wanted = _probed(fast, rows), _probed(plain, rows)
    spread = (wanted.amax(-1) - wanted.amin(-1)).clamp_min(1e-6)
    off = ((found - wanted).abs().amax(-1) / spread).max()
    return float(off) if bool(torch.isfinite(off)) else float("inf")


def _probed(decoder: Decoder, rows: int) -> Tensor:
    """Return logits [2 · rows, V], after reading and after one token more."""
    read = [decoder.read(row, _PROBE[row:], 0) for row in range(rows)]
    steps = decoder.step({row: 23 + row for row in range(rows)}, {})
    for row in range(rows):
        decoder.keep(row, 0)
    return torch.cat([torch.stack(read), steps])


def _attention(model: PreTrainedModel) -> list[str | None]:
    return [c._attn_implementation for c in (model.config, model.config.get_text_config())]


def _restore(model: PreTrainedModel, names: list[str | None]) -> None:
    for config, name in zip((model.config, model.config.get_text_config()), names, strict=True):
        config._attn_implementation = name
