"""What each of several processes computes; their meeting is tested in test_companions.py."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from core.chat.packing import Row, collate
from core.errors import UserFacingError
from core.training.distributed.ranks import (
    ALONE,
    Ranks,
    _told_apart,
    cards_together,
    device_of,
    give_up_waiting,
)


def _batches(*lengths):
    return [collate([Row([5] * n, [5] * n)]) for n in lengths]


def test_one_process_does_everything_and_asks_nobody():
    batches = _batches(3, 9)
    assert ALONE.first and ALONE.share(batches) == batches
    assert ALONE.sum(1.5, 2.5) == [1.5, 2.5] and ALONE.least(7) == 7
    assert ALONE.all_or_none(lambda: "done") == "done"
    parameter = torch.nn.Parameter(torch.zeros(1))
    ALONE.sum_gradients(ALONE.gradient_block([parameter]))
    assert parameter.grad is None
    with pytest.raises(torch.OutOfMemoryError):
        ALONE.all_or_none(lambda: (_ for _ in ()).throw(torch.OutOfMemoryError("full")))


def test_every_micro_batch_is_computed_once_and_the_work_is_even():
    batches = _batches(9, 3, 8, 2, 7)
    shares = [Ranks(rank, 2).share(batches) for rank in (0, 1)]
    assert sorted(b.ids.size for share in shares for b in share) == [2, 3, 7, 8, 9]
    sizes = [sum(b.ids.size for b in share) for share in shares]
    assert abs(sizes[0] - sizes[1]) <= 9
    assert Ranks(3, 4).share(_batches(4)) == []


def test_no_rank_always_gets_the_larger_micro_batch():
    """Two rounds of nearly even ones: dealt in turn, the first rank would have 4 tokens more."""
    batches = _batches(100, 98, 96, 94)
    sizes = [sum(b.ids.size for b in Ranks(rank, 2).share(batches)) for rank in (0, 1)]
    assert sizes == [194, 194]


@pytest.mark.parametrize("elsewhere", [0.0, 1.0])
def test_a_step_is_repeated_by_all_if_one_card_was_full(monkeypatch, elsewhere):
    told = []
    monkeypatch.setattr(Ranks, "sum", lambda _self, v: told.append(v) or [v + elsewhere])
    two = Ranks(0, 2)
    if elsewhere:
        with pytest.raises(MemoryError):
            two.all_or_none(lambda: 5)
    else:
        assert two.all_or_none(lambda: 5) == 5
    with pytest.raises(MemoryError):
        two.all_or_none(lambda: (_ for _ in ()).throw(torch.OutOfMemoryError("full")))
    assert told == [0.0, 1.0]
    with pytest.raises(KeyError):
        two.all_or_none(lambda: {}[1])


def test_gradients_gather_in_one_block_without_another_copy():
    parameters = [torch.nn.Parameter(torch.ones(2, 3)), torch.nn.Parameter(torch.ones(4))]
    block = Ranks(0, 2).gradient_block(parameters)
    (3 * parameters[0]).sum().backward()
    assert block.tolist() == [3.0] * 6 + [0.0] * 4  # one without a share counts as zero
    (parameters[0] + parameters[1].sum()).sum().backward()
    assert block.tolist() == [4.0] * 6 + [6.0] * 4
    storages = {p.grad.untyped_storage().data_ptr() for p in parameters}
    assert storages == {block.untyped_storage().data_ptr()}


def test_a_lost_process_is_a_sentence():
    with pytest.raises(UserFacingError) as end, _told_apart():
        raise RuntimeError("Connection closed by peer")
    assert end.value.code == "training.card_lost"
    with pytest.raises(torch.OutOfMemoryError), _told_apart():
        raise torch.OutOfMemoryError("full")
    with _told_apart():
        assert np.sum([1]) == 1


def test_a_sum_that_cards_wait_for_is_ended_through_their_own_backend(monkeypatch):
    ended = []
    backend = SimpleNamespace(abort=lambda: ended.append("cuda"))
    group = SimpleNamespace(_get_backend=lambda device: backend if device.type == "cuda" else None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: bool(ended) or group_made[0])
    monkeypatch.setattr(torch.distributed.distributed_c10d, "_get_default_group", lambda: group)
    group_made = [False]
    give_up_waiting()
    assert not ended  # nobody waits yet
    group_made[0] = True
    give_up_waiting()
    assert ended == ["cuda"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="for machines without a card")
def test_without_a_card_there_is_one_process():
    assert cards_together() == 1
    assert device_of(Ranks(1, 2)) == "cpu"
