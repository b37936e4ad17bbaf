"""Reads prompts into rows and writes one token for each of them at a time.

Every row stands at a place of its own (see :mod:`core.generation.cache`), so a step serves all
answers in progress. On a card a step is recorded once as a CUDA graph and replayed: started one by
one, the thousands of small operations of a step take far longer than what they compute.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor

from core.errors import is_out_of_memory
from core.generation.attention import grouped_attention
from core.generation.cache import Place, RowCache
from core.hardware.cards.loss import is_card_error

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from core.generation.side_by_side.linears import AdapterBank

_SHORTEST = 256  # keys that are read at least
_CHUNK = 512  # tokens of a prompt that are read at once
_SLIDING = "sliding_attention"

logger = logging.getLogger(__name__)


class Decoder(Protocol):
    """Rows of tokens that grow.

    Attributes:
        slots: how many rows there are.
        context: how many tokens a row can hold.
    """

    slots: int
    context: int

    def keep(self, row: int, tokens: int) -> int:
        """Forget what the row holds after its first ``tokens``; return how many are left."""

    def move(self, row: int, to: int) -> None:
        """Let the row ``to`` hold what ``row`` holds, which holds nothing afterwards."""

    def read(self, row: int, ids: Sequence[int], adapter: int) -> Tensor:
        """Append tokens to a row; return the logits [V] after the last."""

    def step(self, tokens: Mapping[int, int], adapters: Mapping[int, int]) -> Tensor:
        """Append one token to each of these rows; return the logits [len(tokens), V] after them."""


class BatchDecoder:
    """All rows in one pass, through a cache whose memory stays."""

    def __init__(self, model: PreTrainedModel, bank: AdapterBank, slots: int, context: int) -> None:
        """Take a frozen model.

        Args:
            slots: rows.
            context: tokens of a row; each takes memory, used or not.
        """
        self.slots, self.context = slots, context
        self._model, self._bank = model, bank
        self._text = model.config.get_text_config()
        self._device = (
            model.get_output_embeddings().weight.device
        )  # the embedding may wait on the host
        self._place = Place()
        self._cache = RowCache(self._text.num_hidden_layers, self._place, slots, context + 1)
        self._ends = [0] * slots
        self._feed = torch.zeros(3, slots, dtype=torch.long, device=self._device)
        self._rows = torch.arange(slots, device=self._device)
        self._graphs: dict[tuple[int, int, bool], tuple[Any, Tensor]] = {}
        self._pool: Any = None
        self._records = self._device.type == "cuda" and not _moves_weights(model)
        grouped_attention(model)
        self._adds = self._text._attn_implementation == "eager"  # its masks are added to scores

    def keep(self, row: int, tokens: int) -> int:
        """See :class:`Decoder`."""
        self._ends[row] = min(self._ends[row], tokens)
        return self._ends[row]

    def move(self, row: int, to: int) -> None:
        """See :class:`Decoder`."""
        self._cache.move(row, to, self._ends[row])
        self._ends[to], self._ends[row] = self._ends[row], 0

    def read(self, row: int, ids: Sequence[int], adapter: int) -> Tensor:
        """See :class:`Decoder`."""
        logits: Tensor | None = None
        for first in range(0, len(ids), _CHUNK):
            logits = self._read_some(row, ids[first : first + _CHUNK], adapter)
        assert logits is not None
        return logits

    def _read_some(self, row: int, ids: Sequence[int], adapter: int) -> Tensor:
        start, end = self._ends[row], self._ends[row] + len(ids)
        self._place.row, self._place.start = row, start
        positions = torch.arange(start, end, device=self._device)
        keys = torch.arange(end, device=self._device)
        self._bank.use(torch.tensor([adapter], device=self._device), adapter > 0)
        inputs = torch.tensor([ids], device=self._device)
        logits = self._pass(inputs, positions[None], keys, positions[None, None, :, None])
        self._ends[row] = end
        return logits[0]

    def step(self, tokens: Mapping[int, int], adapters: Mapping[int, int]) -> Tensor:
        """See :class:`Decoder`."""
        count = _power_of_two(max(tokens) + 1, self.slots)
        length = _power_of_two(
            max(self._ends[row] + 1 for row in tokens), self.context + 1, _SHORTEST
        )
        # A row that rests writes behind all others' ends, where nothing is ever read.
        feed = [
            [tokens.get(row, 0) for row in range(count)],
            [self._ends[row] if row in tokens else self.context for row in range(count)],
            [adapters.get(row, 0) for row in range(count)],
        ]
        self._feed[:, :count].copy_(torch.tensor(feed), non_blocking=True)
        logits = self._stepped(count, length, any(feed[2]))
        for row in tokens:
            self._ends[row] += 1
        return logits[list(tokens)] if list(tokens) != list(range(count)) else logits

    def _stepped(self, count: int, length: int, active: bool) -> Tensor:
        key = (count, length, active)
        if self._records and key not in self._graphs:
            self._record(key)
        if key in self._graphs:
            graph, logits = self._graphs[key]
            graph.replay()
            return logits
        return self._step(count, length, active)

    def _step(self, count: int, length: int, active: bool) -> Tensor:
        place = self._place
        place.row, place.start = None, 0
        tokens, positions, adapters = self._feed[:, :count].unbind()
        place.rows, place.positions, place.length = self._rows[:count], positions, length
        self._bank.use(adapters, active)
        keys = torch.arange(length, device=self._device)
        return self._pass(tokens[:, None], positions[:, None], keys, positions[:, None, None, None])

    def _pass(self, ids: Tensor, positions: Tensor, keys: Tensor, queries: Tensor) -> Tensor:
        """Return float32 logits [n, V] after the last of ``ids`` [n, T].

        Args:
            positions: [n, T].
            keys: [L] positions of the keys.
            queries: the same as ``positions``, to be compared with the keys.
        """
        with torch.no_grad(), self._numbers():
            output = self._model(
                input_ids=ids,
                position_ids=positions,
                attention_mask=self._masks(keys, queries),
                past_key_values=self._cache,
                use_cache=True,
                logits_to_keep=1,
            )
        logits: Tensor = output.logits[:, -1].float()
        return logits

    def _numbers(self) -> contextlib.AbstractContextManager[Any]:
        # Copies that autocast keeps would be made once and belong to one recording.
        return torch.autocast(self._device.type, torch.bfloat16, cache_enabled=False)

    def _masks(self, keys: Tensor, queries: Tensor) -> Tensor | dict[str, Tensor]:
        """Return what each query [n, 1, T, 1] may read of the keys [L]: [n, 1, T, L]."""
        seen = keys <= queries
        window = getattr(self._text, "sliding_window", None)
        kinds = set(getattr(self._text, "layer_types", None) or ())
        near = seen & (keys > queries - window) if window else seen
        if self._adds:
            least = torch.finfo(self._model.dtype).min
            seen, near = ((~m).to(self._model.dtype) * least for m in (seen, near))
        if len(kinds) > 1:
            return {kind: near if kind == _SLIDING else seen for kind in kinds}
        return near if kinds == {_SLIDING} or not kinds else seen

    def _record(self, key: tuple[int, int, bool]) -> None:
        """Record a step; where the model's code cannot be recorded, steps run as they are."""
        graph = torch.cuda.CUDAGraph()
        try:
            with _quiet_stream(self._device):
                self._step(*key)  # what is made at the first use must not be recorded
            with torch.cuda.graph(graph, pool=self._pool):
                logits = self._step(*key)
        except Exception as error:
            if not is_only_unrecordable(error):
                raise
            logger.warning("steps are not recorded: %s", error)
            self._records = False
            torch.cuda.synchronize(self._device)
            return
        self._pool = self._pool or graph.pool()
        self._graphs[key] = (graph, logits)


def is_only_unrecordable(error: Exception) -> bool:
    """Whether a step failed because it was recorded, so that it runs as it is.

    CUDA tells both by the same class: an operation that cannot be recorded (one that waits for a
    number from the card, such as the length of a text) and a card that failed.
    """
    if "captur" in str(error).lower():
        return True
    return not (is_out_of_memory(error) or is_card_error(error))


@contextlib.contextmanager
def _quiet_stream(device: torch.device) -> Iterator[None]:
    """Work in a stream of its own, as before a recording."""
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(stream):
        yield
    torch.cuda.current_stream(device).wait_stream(stream)


def _moves_weights(model: PreTrainedModel) -> bool:
    """Whether weights come to the card when they are needed, which cannot be recorded."""
    return any(not p.is_cuda for p in model.parameters())


def _power_of_two(number: int, most: int, least: int = 1) -> int:
    size = least
    while size < number:
        size *= 2
    return min(size, most)
