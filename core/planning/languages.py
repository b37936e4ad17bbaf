"""In which language a model is to answer, and whether it was made for that language."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

from core.data.dataset import DatasetVersion
from core.data.findings.language import LANGUAGES, UNKNOWN, language_of
from core.data.findings.near.shingles import words_of
from core.models.catalogue import AND_MORE, CatalogueEntry

_LOOKED_AT = 400  # examples
_ENOUGH = 10  # answers whose language is certain
_MOST = 0.7  # share of them in one language


def answer_language(folder: Path) -> str:
    """Return the English name of the language of a dataset version's answers, ``""`` if mixed.

    Code, numbers and very short answers have no language.
    """
    counts: Counter[int] = Counter()
    for example in islice(DatasetVersion.load(folder).examples("train"), _LOOKED_AT):
        answer = example.answer
        counts[language_of(answer, words_of(answer.lower()))] += 1
    counts.pop(UNKNOWN, None)
    if not counts:
        return ""
    main, count = counts.most_common(1)[0]
    return LANGUAGES[main] if count >= max(_ENOUGH, _MOST * counts.total()) else ""


def was_made_for(entry: CatalogueEntry, language: str) -> bool:
    """Return whether a model knows a language; more than it names may be among *and more*."""
    return not language or language in entry.languages or AND_MORE in entry.languages
