"""A list of prompts through few rows: every answer is its own, whatever stood in the row before."""

import pytest
import torch

from core.generation.decoder import BatchDecoder
from core.generation.greedy import write_all
from core.generation.side_by_side.linears import AdapterBank


class Counting:
    """A decoder whose next token is the last one plus one."""

    slots, context = 2, 99

    def __init__(self):
        self.rows = {}

    def keep(self, row, tokens):
        self.rows[row] = self.rows.get(row, [])[:tokens]
        return len(self.rows[row])

    def move(self, row, to):
        self.rows[to] = self.rows.pop(row)

    def _logits(self, row):
        return torch.eye(100)[(self.rows[row][-1] + 1) % 100]

    def read(self, row, ids, adapter):
        self.rows[row] = [*self.rows.get(row, []), *ids]
        return self._logits(row)

    def step(self, tokens, adapters):
        for row, token in tokens.items():
            self.rows[row].append(token)
        return torch.stack([self._logits(row) for row in tokens])


def test_answers_end_at_a_stop_or_at_their_limit():
    seen = []
    found = write_all(Counting(), [[1], [7, 8], [40], [95]], {10, 98}, 4, seen.append)
    assert found == [[2, 3, 4, 5], [9, 10], [41, 42, 43, 44], [96, 97, 98]]
    assert seen == sorted(seen) and seen[-1] == 4


def test_each_answer_may_have_a_limit_of_its_own():
    found = write_all(Counting(), [[1], [7, 8], [40]], {98}, [1, 5, 2])
    assert found == [[2], [9, 10, 11, 12, 13], [41, 42]]


def test_the_last_answers_move_to_the_first_rows():
    class Watched(Counting):
        slots, steps = 4, ()

        def step(self, tokens, adapters):
            self.steps = (*self.steps, sorted(tokens))
            return super().step(tokens, adapters)

    decoder = Watched()
    found = write_all(decoder, [[1], [10], [20], [30]], set(), [5, 2, 3, 6])
    assert [some[-1] for some in found] == [6, 12, 23, 36]
    rows = [rows for place, rows in enumerate(decoder.steps) if rows not in decoder.steps[:place]]
    assert rows == [[0, 1, 2, 3], [0, 1, 2], [0, 1], [0]]


def test_progress_may_cancel():
    def cancel(_done):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        write_all(Counting(), [[1], [2]], {3}, 4, cancel)


def test_a_real_model_gives_each_prompt_the_answer_that_it_gets_alone():
    from tests.core.generation.test_decoder import make

    model = make("Llama")
    prompts = [[5, 6, 7], [9], [20, 21, 22, 23], [30, 31]]
    few = BatchDecoder(model, AdapterBank(model), 2, 40)
    together = write_all(few, prompts, set(), 3)
    alone = [
        write_all(BatchDecoder(make("Llama"), AdapterBank(model), 1, 40), [p], set(), 3)[0]
        for p in prompts
    ]
    assert together == alone
