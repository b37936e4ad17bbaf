"""Which of a few texts are near copies, by the same measure as the rows of a draft."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.findings.near.components import singletons
from core.data.findings.near.copies import NearIndex, unite_near
from core.data.findings.near.shingles import Shingler, band_keys, signatures, words_of

NEAR = 0.8
"""Jaccard similarity of the word pairs from which texts are near copies, unless told otherwise."""


def near_groups(
    texts: Sequence[str], threshold: float = NEAR, *, focus: Sequence[int] | None = None
) -> list[int]:
    """Return for each text the first one of its group of near copies.

    Args:
        focus: places; only copies of these are looked for.
    """
    shingles = Shingler().shingles([words_of(text.lower()) for text in texts])
    signature = signatures(shingles)
    index = NearIndex(shingles, signature.astype(np.uint8), band_keys(signature))
    labels = singletons(len(texts))
    chosen = None if focus is None else np.asarray(focus, dtype=np.int64)
    unite_near(index, np.arange(len(texts)), labels, threshold, lambda _d, _n: None, focus=chosen)
    return [int(label) for label in labels]


def are_near(texts: Sequence[str], known: Sequence[str], threshold: float = NEAR) -> list[bool]:
    """Return which of ``texts`` are near copies of one of the ``known`` ones, or of such a copy."""
    if not texts or not known:
        return [False] * len(texts)
    focus = range(len(texts), len(texts) + len(known))
    labels = near_groups([*texts, *known], threshold, focus=focus)
    groups = set(labels[len(texts) :])
    return [label in groups for label in labels[: len(texts)]]
