"""Rows one after the other, each with transformers' own cache: for every model that there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from core.generation.adapters import AdapterBank


class PlainDecoder:
    """A :class:`core.generation.decoder.Decoder` that knows nothing of the model."""

    def __init__(self, model: PreTrainedModel, bank: AdapterBank, slots: int, context: int) -> None:
        """Take a frozen model; see :class:`core.generation.decoder.BatchDecoder`."""
        self.slots, self.context = slots, context
        self._model, self._bank = model, bank
        self._device = model.get_output_embeddings().weight.device
        self._caches: dict[int, Any] = {}
        self._ends = [0] * slots

    def keep(self, row: int, tokens: int) -> int:
        """Keep all or nothing: states that run on cannot be taken back."""
        if tokens < self._ends[row]:
            self._caches.pop(row, None)
            self._ends[row] = 0
        return self._ends[row]

    def read(self, row: int, ids: Sequence[int], adapter: int) -> Tensor:
        """See :class:`core.generation.decoder.Decoder`."""
        self._bank.use(torch.tensor([adapter], device=self._device), adapter > 0)
        positions = torch.arange(self._ends[row], self._ends[row] + len(ids), device=self._device)
        with torch.no_grad(), torch.autocast(self._device.type, torch.bfloat16):
            output = self._model(
                input_ids=torch.tensor([ids], device=self._device),
                position_ids=positions[None],
                past_key_values=self._caches.get(row),
                use_cache=True,
            )
        self._caches[row] = output.past_key_values
        self._ends[row] += len(ids)
        logits: Tensor = output.logits[0, -1].float()
        return logits

    def step(self, tokens: Mapping[int, int], adapters: Mapping[int, int]) -> Tensor:
        """See :class:`core.generation.decoder.Decoder`."""
        return torch.stack(
            [self.read(row, [token], adapters.get(row, 0)) for row, token in tokens.items()]
        )
