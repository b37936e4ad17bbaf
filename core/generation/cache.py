"""Keys and values of several answers, one row each, in memory that never moves.

transformers writes into whatever cache it is given; this one lets every row stand at a position of
its own, so that answers begin and end while others are written, and its memory stays where it is,
so that a step can be recorded once and replayed.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, CacheLayerMixin


class Place:
    """Where the next keys go, and which ones are read; all layers share it.

    Attributes:
        row: the row that reads several tokens; ``None`` while rows write one token each.
        start: that row's tokens before these.
        rows: [n] 0, 1, … n - 1, on the device.
        positions: [n] where each of the first n rows writes.
        length: so many keys of each of them are read.
    """

    def __init__(self) -> None:
        self.row: int | None = None
        self.start = 0
        self.rows = torch.empty(0, dtype=torch.long)
        self.positions = torch.empty(0, dtype=torch.long)
        self.length = 0


class RowLayer(CacheLayerMixin):  # type: ignore[misc]  # transformers is not typed
    """Keys and values [slots, heads, length, size] of one layer."""

    is_compileable = True
    is_sliding = False

    def __init__(self, place: Place, slots: int, length: int) -> None:
        super().__init__()
        self._place, self._slots, self._length = place, slots, length

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Claim the memory, of the kind of the first keys and values [n, heads, T, size]."""
        self.keys, self.values = (
            states.new_zeros(self._slots, states.shape[1], self._length, states.shape[3])
            for states in (key_states, value_states)
        )
        self.is_initialized = True

    def update(
        self, key_states: Tensor, value_states: Tensor, *_args: Any, **_kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Keep keys and values [n, heads, T, size]; return those to be read, the new included."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        place = self._place
        if place.row is not None:
            end = place.start + key_states.shape[2]
            for kept, new in ((self.keys, key_states), (self.values, value_states)):
                kept[place.row, :, place.start : end] = new[0]
            row = slice(place.row, place.row + 1)
            return self.keys[row, :, :end], self.values[row, :, :end]
        for kept, new in ((self.keys, key_states), (self.values, value_states)):
            kept[place.rows, :, place.positions] = new[:, :, 0]
        count = len(place.rows)
        return self.keys[:count, :, : place.length], self.values[:count, :, : place.length]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Masks are given, never made from this."""
        return self._place.start + query_length, 0

    def get_seq_length(self) -> int:
        """Return the tokens before the present ones; only known for a row that reads."""
        return self._place.start

    def get_max_length(self) -> int:
        """Return how many tokens a row can hold."""
        return self._length

    def move(self, row: int, to: int, tokens: int) -> None:
        """Copy the first tokens of a row into another one."""
        if self.is_initialized:
            for kept in (self.keys, self.values):
                kept[to, :, :tokens] = kept[row, :, :tokens]

    def reset(self) -> None:
        """Nothing to forget: what is behind a row's position is never read."""


class RowCache(Cache):  # type: ignore[misc]
    """One :class:`RowLayer` for each layer of the model."""

    def __init__(self, layers: int, place: Place, slots: int, length: int) -> None:
        super().__init__(layers=[RowLayer(place, slots, length) for _ in range(layers)])

    def move(self, row: int, to: int, tokens: int) -> None:
        """Copy the first tokens of a row into another one, in all layers."""
        for layer in self.layers:
            layer.move(row, to, tokens)
