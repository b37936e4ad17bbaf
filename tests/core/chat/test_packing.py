"""Packing keeps every token, never mixes neighbours, and is what transformers understands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.chat.packing import IGNORED, Row, collate, pack, spread

LENGTHS = st.lists(st.integers(1, 600), max_size=120)


@given(LENGTHS, st.integers(1, 700))
def test_every_example_is_in_exactly_one_micro_batch_that_holds_it(lengths, capacity):
    groups = pack(lengths, capacity)

    assert sorted(i for group in groups for i in group) == list(range(len(lengths)))
    for group in groups:
        assert sum(lengths[i] for i in group) <= capacity or len(group) == 1
    assert groups == pack(list(lengths), capacity)


@given(LENGTHS.filter(bool))
def test_no_two_micro_batches_could_be_one(lengths):
    sums = sorted(sum(lengths[i] for i in group) for group in pack(lengths, 600))

    assert len(sums) < 2 or sums[0] + sums[1] > 600


def test_the_fullest_micro_batch_that_fits_is_taken():
    assert pack([6, 5, 4, 3], 10) == [[0, 2], [1, 3]]
    assert pack([12, 4], 10) == [[0], [1]]
    assert pack([], 10) == []


@given(LENGTHS, st.integers(1, 700), st.integers(1, 5))
def test_several_ranks_get_every_example_once_in_micro_batches_that_hold_it(
    lengths, capacity, ranks
):
    groups = spread(lengths, capacity, ranks)

    assert sorted(i for group in groups for i in group) == list(range(len(lengths)))
    for group in groups:
        assert sum(lengths[i] for i in group) <= capacity or len(group) == 1
    assert len(groups) % ranks == 0 or len(groups) == len(lengths)
    assert groups == spread(list(lengths), capacity, ranks)


def test_ranks_end_together_where_packing_would_leave_one_a_short_rest():
    lengths = [300 + 7 * i for i in range(32)]  # 13,072 tokens: two full micro-batches and a rest
    packed = [sum(lengths[i] for i in group) for group in pack(lengths, 6400)]
    even = [sum(lengths[i] for i in group) for group in spread(lengths, 6400, 2)]
    assert len(packed) == 3 and len(even) == 4
    assert max(even) - min(even) <= 0.02 * max(even)
    assert sum(even) == sum(packed) == sum(lengths)


def test_ranks_beyond_the_examples_have_nothing_to_do():
    assert spread([5, 4], 10, 3) == [[0], [1]]
    assert spread([12, 4, 4], 10, 2) == [[0], [1, 2]]
    assert spread([], 10, 2) == []
    with pytest.raises(ValueError, match="positive"):
        spread([3], 5, 0)


@pytest.mark.parametrize(("lengths", "capacity"), [([3], 0), ([0], 5), ([2, -1], 5)])
def test_senseless_sizes_are_refused(lengths, capacity):
    with pytest.raises(ValueError, match="positive"):
        pack(lengths, capacity)


def test_positions_restart_and_the_first_token_is_no_target():
    batch = collate([Row([7, 8, 9], [7, IGNORED, 9]), Row([4, 5], [4, 5])])

    assert batch.ids.tolist() == [[7, 8, 9, 4, 5]]
    assert batch.position_ids.tolist() == [[0, 1, 2, 0, 1]]
    assert batch.labels.tolist() == [[IGNORED, IGNORED, 9, IGNORED, 5]]
    assert batch.cu_seqlens.tolist() == [0, 3, 5]
    assert batch.cu_seqlens.dtype == np.int32
    assert (batch.max_length, batch.trained_tokens) == (3, 2)


@pytest.mark.parametrize("rows", [[], [Row([], [])], [Row([1, 2], [1])]])
def test_rows_without_tokens_or_labels_are_refused(rows):
    with pytest.raises(ValueError, match="each row"):
        collate(rows)


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_transformers_separates_packed_examples_by_their_positions(attention):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, attn_implementation=attention,
    )  # fmt: skip
    model = LlamaForCausalLM(config).eval()
    rows = [Row(ids, ids) for ids in torch.randint(0, 97, (3, 11)).tolist()]
    rows[1] = Row(rows[1].ids[:5], rows[1].labels[:5])
    batch = collate(rows)

    with torch.no_grad():
        packed = model(
            input_ids=torch.from_numpy(batch.ids),
            position_ids=torch.from_numpy(batch.position_ids),
            use_cache=False,
        ).logits[0]
        alone = [model(input_ids=torch.tensor([row.ids])).logits[0] for row in rows]

    assert torch.allclose(packed, torch.cat(alone), atol=1e-5)


def test_losses_are_summed_by_example():
    rows = [Row([1, 2, 3], [IGNORED, 2, 3]), Row([4, 5], [IGNORED, IGNORED]), Row([6, 7], [6, 7])]
    batch = collate(rows, places=[4, 1, 0])
    assert batch.places == (4, 1, 0)
    assert batch.by_example(np.array([1.0, 2.0, 8.0])).tolist() == [3.0, 0.0, 8.0]


def test_taken_apart_each_example_is_a_micro_batch_of_its_own():
    rows = [Row([5, 6, 7], [5, 6, 7]), Row([8, 9], [IGNORED, 9])]
    apart = collate(rows).apart()
    assert [part.ids.tolist() for part in apart] == [[[5, 6, 7]], [[8, 9]]]
    assert [part.labels.tolist() for part in apart] == [[[IGNORED, 6, 7]], [[IGNORED, 9]]]
    assert [part.cu_seqlens.tolist() for part in apart] == [[0, 3], [0, 2]]
    assert [part.position_ids.tolist() for part in apart] == [[[0, 1, 2]], [[0, 1]]]
