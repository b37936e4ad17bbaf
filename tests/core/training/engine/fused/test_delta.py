"""Where the chunks of packed examples lie for the kernels of gated delta-net layers."""

import sys
from types import SimpleNamespace

import pytest
import torch

from core.training.engine.fused import delta


def test_a_chunk_belongs_to_one_example_and_every_token_to_one_chunk():
    where = delta.layout((70, 1, 64, 65), torch.device("cpu"))

    begins, sizes = (x.tolist() for x in where.chunks)
    firsts, counts = (x.tolist() for x in where.segments)
    assert where.size == 64
    assert list(zip(begins, sizes, strict=True)) == [
        (0, 64), (64, 6), (70, 1), (71, 64), (135, 64), (199, 1),
    ]  # fmt: skip
    assert (firsts, counts) == ([0, 2, 3, 4], [2, 1, 1, 2])
    assert where.places.tolist() == [*range(70), 0, *range(64), *range(65)]


@pytest.mark.parametrize(("longest", "size"), [(1, 16), (16, 16), (17, 32), (64, 64), (900, 64)])
def test_short_examples_have_short_chunks(longest, size):
    assert delta.layout((1, longest), torch.device("cpu")).size == size


def test_heads_of_other_sizes_or_in_32_bits_have_no_kernels(monkeypatch):
    monkeypatch.setattr(delta, "kernels_for", lambda _: "kernels")
    monkeypatch.setattr(delta, "_found", lambda *_: "of delta-net layers")

    half = torch.zeros(1, dtype=torch.half)
    found = [
        delta.kernels_for_heads(half, *sizes, None) for sizes in [(128, 128), (24, 64), (8, 8)]
    ]

    assert found == ["of delta-net layers", None, None]
    assert delta.kernels_for_heads(half.float(), 128, 128, None) is None


def test_another_compiler_or_card_is_tried_anew(monkeypatch, home):
    names = set()
    for card in ("NVIDIA RTX 4090", "NVIDIA RTX 3090"):
        for compiler in ("3.6.0", "3.7.0"):
            monkeypatch.setattr(torch.cuda, "get_device_name", lambda _device, card=card: card)
            monkeypatch.setitem(sys.modules, "triton", SimpleNamespace(__version__=compiler))
            note = delta._note(torch.device("cpu"), torch.half, (128, 128))
            assert note.parent == home / "kernels" and " " not in note.name
            names.add(note.name)
    assert len(names) == 4
