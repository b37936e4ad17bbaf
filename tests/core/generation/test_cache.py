"""Keys go where their row stands, and no others are touched."""

import torch

from core.generation.cache import Place, RowCache


def states(fill, rows=1, tokens=1):
    return torch.full((rows, 2, tokens, 4), float(fill))


def test_a_row_that_reads_gets_its_own_keys_back():
    place = Place()
    cache = RowCache(1, place, slots=3, length=8)
    place.row, place.start = 1, 0
    cache.update(states(1, tokens=3), states(2, tokens=3), 0)
    place.start = 3
    keys, values = cache.update(states(5, tokens=2), states(6, tokens=2), 0)
    assert keys[0, 0, :, 0].tolist() == [1, 1, 1, 5, 5]
    assert values[0, 1, :, 3].tolist() == [2, 2, 2, 6, 6]
    assert not cache.layers[0].keys[0].any() and not cache.layers[0].keys[2].any()
    assert cache.layers[0].get_seq_length() == 3
    assert cache.layers[0].get_mask_sizes(2) == (5, 0)
    assert cache.layers[0].get_max_length() == 8


def test_rows_that_write_stand_at_places_of_their_own():
    place = Place()
    cache = RowCache(1, place, slots=3, length=8)
    place.rows, place.positions, place.length = torch.arange(2), torch.tensor([4, 1]), 5
    new = torch.cat([states(7), states(9)])
    keys, _ = cache.update(new, new, 0)
    assert keys.shape == (2, 2, 5, 4)
    assert keys[:, 0, :, 0].tolist() == [[0, 0, 0, 0, 7], [0, 9, 0, 0, 0]]
