"""Rows one after the other, each with transformers' own cache: for every model that there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from core.generation.side_by_side.linears import AdapterBank


_STATES = ("past_key_values", "cache_params", "state")  # what families call it


class PlainDecoder:
    """A :class:`core.generation.decoder.Decoder` that knows nothing of the model."""

    def __init__(self, model: PreTrainedModel, bank: AdapterBank, slots: int, context: int) -> None:
        """Take a frozen model; see :class:`core.generation.decoder.BatchDecoder`."""
        self.slots, self.context = slots, context
        self._model, self._bank = model, bank
        self._device = model.get_output_embeddings().weight.device
        self._caches: dict[int, tuple[str, Any]] = {}
        self._ends = [0] * slots

    def keep(self, row: int, tokens: int) -> int:
        """Keep all or nothing: states that run on cannot be taken back."""
        if tokens < self._ends[row]:
            self._caches.pop(row, None)
            self._ends[row] = 0
        return self._ends[row]

    def move(self, row: int, to: int) -> None:
        """See :class:`core.generation.decoder.Decoder`."""
        self.keep(to, 0)
        if row in self._caches:
            self._caches[to] = self._caches.pop(row)
        self._ends[to], self._ends[row] = self._ends[row], 0

    def read(self, row: int, ids: Sequence[int], adapter: int) -> Tensor:
        """See :class:`core.generation.decoder.Decoder`."""
        self._bank.use(torch.tensor([adapter], device=self._device), adapter > 0)
        with torch.no_grad(), torch.autocast(self._device.type, torch.bfloat16):
            output = self._model(
                input_ids=torch.tensor([ids], device=self._device),
                use_cache=True,
                **self._before(row, len(ids)),
            )
        self._caches[row] = next((n, output[n]) for n in _STATES if output.get(n) is not None)
        self._ends[row] += len(ids)
        logits: Tensor = output.logits[0, -1].float()
        return logits

    def _before(self, row: int, more: int) -> dict[str, Any]:
        """What the model is told of the tokens before the next ones."""
        if row not in self._caches:
            return {}
        name, state = self._caches[row]
        if name != _STATES[0]:
            return {name: state}
        positions = torch.arange(self._ends[row], self._ends[row] + more, device=self._device)
        return {name: state, "position_ids": positions[None]}

    def step(self, tokens: Mapping[int, int], adapters: Mapping[int, int]) -> Tensor:
        """See :class:`core.generation.decoder.Decoder`."""
        return torch.stack(
            [self.read(row, [token], adapters.get(row, 0)) for row, token in tokens.items()]
        )
