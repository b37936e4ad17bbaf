"""Products of groups of rows, beside the same products one by one."""

import pytest
import torch

from core.models.experts.products import Groups, in_one_launch, outer, padded, times

SIZES = [3, 0, 4, 1]
ENDS = torch.tensor([3, 3, 7, 8], dtype=torch.int32)


@pytest.fixture(params=[None, SIZES], ids=["at once", "one by one"])
def groups(request):
    return Groups(None, ENDS, request.param)


def parts():
    begin = 0
    for number, size in enumerate(SIZES):
        yield number, slice(begin, begin + size)
        begin += size


def test_rows_meet_the_matrix_of_their_group(groups):
    x, weights = torch.randn(8, 16), torch.randn(4, 16, 8)
    out = times(x, weights, groups)
    for number, rows in parts():
        assert torch.allclose(out[rows], x[rows] @ weights[number], atol=1e-5)


def test_a_group_without_rows_has_a_gradient_of_zeros(groups):
    a, b = torch.randn(8, 16), torch.randn(8, 8)
    found = outer(a, b, groups)
    assert found.shape == (4, 16, 8)
    for number, rows in parts():
        assert torch.allclose(found[number], a[rows].T @ b[rows], atol=1e-5)
    assert not found[1].any()


def test_groups_are_split_without_the_empty_ones():
    named = Groups(torch.tensor([7, 5, 3, 1]), ENDS, SIZES)
    split = list(named.split(2))
    assert [(rows.start, rows.stop) for rows, _ in split] == [(0, 7), (7, 8)]
    first, last = (some for _, some in split)
    assert first.experts.tolist() == [7, 3] and first.ends.tolist() == [3, 7]
    assert last.experts.tolist() == [1] and last.ends.tolist() == [1] and last.sizes == [1]
    assert [some.experts.tolist() for _, some in Groups(None, ENDS, SIZES).split(9)] == [[0, 2, 3]]


def test_a_processor_has_no_such_kernel_and_widths_are_filled_up():
    assert not in_one_launch(torch.empty(0, dtype=torch.bfloat16), [16, 8])
    assert [padded(width) for width in (1, 8, 9)] == [8, 8, 16]
