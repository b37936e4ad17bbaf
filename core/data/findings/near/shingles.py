"""Pairs of neighbouring words as hashes: what similarity of texts is measured on.

The similarity of two examples is the Jaccard similarity of their sets of word pairs; a text of one
word is its own only element. Chinese, Japanese and Thai letters count as words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import rensa
import xxhash
from numpy.typing import NDArray

PERMUTATIONS = 96
BAND_ROWS = 4
BANDS = PERMUTATIONS // BAND_ROWS
_SEED = 42
_ASCII = "".join(map(chr, range(128)))
_GAPS = re.sub(r"\W", " ", _ASCII)  # what is no part of a word is a space
_WIDE = re.compile(
    "[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+"
)
_MULTIPLIERS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], dtype=np.uint64)
_CACHE_LIMIT = 400_000

U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]


def words_of(lower: str) -> list[str]:
    """Return the words of a lower-case text."""
    if lower.isascii():
        return lower.translate(_GAPS).split()  # four times as fast as a pattern
    return _WIDE.findall(lower)


class _HashCache(dict[str, int]):
    def __missing__(self, word: str) -> int:
        value: int = xxhash.xxh3_64_intdigest(word.encode())
        if len(self) < _CACHE_LIMIT:
            self[word] = value
        return value


@dataclass(frozen=True, slots=True)
class Shingles:
    """Sorted hashes of the word pairs of several rows, one after the other.

    ``values[offsets[n]:offsets[n + 1]]`` are those of row ``n``.
    """

    values: U32
    offsets: NDArray[np.int64]

    def row(self, number: int) -> U32:
        """Return the sorted hashes of one row."""
        return self.values[self.offsets[number] : self.offsets[number + 1]]


class Shingler:
    """Turns words into :class:`Shingles`; keeps the hashes of frequent words."""

    def __init__(self) -> None:
        self._hashes = _HashCache()

    def shingles(self, rows: Sequence[Sequence[str]]) -> Shingles:
        """Return the shingles of ``rows``, each a list of words."""
        lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
        look_up = self._hashes.__getitem__
        total = int(lengths.sum())
        flat = np.fromiter(map(look_up, chain.from_iterable(rows)), dtype=np.uint64, count=total)
        return _unique_pairs(flat, lengths)


def _unique_pairs(words: U64, lengths: NDArray[np.int64]) -> Shingles:
    """Hash neighbours, never across a row's end, then sort and deduplicate within each row."""
    row_of = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    following = np.append(words[1:], np.uint64(0))
    same_row = np.append(row_of[1:] == row_of[:-1], False)
    alone = lengths[row_of] == 1
    pairs = words * _MULTIPLIERS[0] + np.where(same_row, following, 0) * _MULTIPLIERS[1]
    pairs ^= pairs >> np.uint64(29)
    chosen = same_row | alone
    # The row number above 32 bits of hash: one sort orders everything.
    keys = (row_of[chosen].astype(np.uint64) << np.uint64(32)) | (pairs[chosen] >> np.uint64(32))
    keys.sort()
    keys = keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys
    counts = np.bincount((keys >> np.uint64(32)).astype(np.int64), minlength=len(lengths))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Shingles(keys.astype(np.uint32), offsets)


def signatures(shingles: Shingles) -> U32:
    """Return the MinHash signature of each row, shape ``[rows, PERMUTATIONS]``."""
    rows = len(shingles.offsets) - 1
    if rows == 0:
        return np.zeros((0, PERMUTATIONS), dtype=np.uint32)
    matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(
        shingles.values.astype(np.uint64), shingles.offsets.tolist(), PERMUTATIONS, _SEED
    )
    return np.array(matrix.to_rows(), dtype=np.uint32)


def band_keys(signature: U32) -> U32:
    """Return one key for each band of ``BAND_ROWS`` values, shape ``[rows, BANDS]``.

    Two rows with similarity 0.8 share at least one key but for 3 in a million cases.
    """
    bands = signature.reshape(len(signature), BANDS, BAND_ROWS).astype(np.uint64)
    keys = np.zeros((len(signature), BANDS), dtype=np.uint64)
    for place in range(BAND_ROWS):
        keys = (keys ^ bands[:, :, place]) * _MULTIPLIERS[place % 2]
        keys ^= keys >> np.uint64(31)
    return (keys >> np.uint64(32)).astype(np.uint32)
