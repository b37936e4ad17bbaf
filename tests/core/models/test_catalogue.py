import pytest

from core import language
from core.models.catalogue import (
    AND_MORE,
    SAMPLE_KEY,
    find_entry,
    load_catalogue,
    load_everything,
    nearest,
)
from core.models.licence import licence_name

PUBLISHED = {  # millions of parameters as the makers state them
    "sample": 134.5,
    "smollm2-360m": 361.8,
    "smollm2-1.7b": 1711,
    "gemma-3-1b": 1000,
    "llama-3.2-1b": 1236,
    "qwen2.5-1.5b": 1544,
    "gemma-2-2b": 2614,
    "llama-3.2-3b": 3213,
    "qwen3-4b": 4022,
    "mistral-7b": 7248,
    "qwen2.5-7b": 7616,
    "llama-3.1-8b": 8030,
    "qwen3-8b": 8191,
    "gemma-4-e2b": 5100,
    "gemma-4-e4b": 8000,
    "gemma-4-31b": 30700 + 550,
    "mistral-nemo-12b": 12248,
    "phi-4": 14660,
    "qwen3-32b": 32762,
    "llama-3.3-70b": 70554,
}
PACKED = {"gpt-oss-20b", "ministral-3-8b"}  # published in 4 or 8 bits
PURPOSES = {"trying out", "small hardware", "everyday", "languages", "writing", "code", "reasoning"}
WITH_DIMENSIONS = [entry for entry in load_everything() if entry.dimensions]


@pytest.mark.parametrize("entry", WITH_DIMENSIONS, ids=lambda entry: entry.key)
def test_dimensions_give_the_published_size(entry) -> None:  # type: ignore[no-untyped-def]
    counted = entry.shape.total_parameters
    assert counted == pytest.approx(entry.parameters, rel=0.002)
    published = PUBLISHED.get(entry.key, counted / 1e6)
    assert counted / 1e6 == pytest.approx(published, rel=0.002)
    # two bytes each; small ones may store a head that they share with the embedding
    least = 0.65 if entry.key in PACKED else 1.98
    assert least * counted < entry.download_bytes < 2.55 * counted


def test_about_forty_models_of_all_sizes_and_purposes() -> None:
    entries = load_catalogue()
    assert len(entries) >= 45 and len(load_everything()) >= 45
    assert {purpose for entry in load_everything() for purpose in entry.purpose} == PURPOSES
    for most in (1e9, 3e9, 5e9, 9e9, 16e9, 35e9):
        assert sum(most / 2 < e.parameters < most for e in entries) >= 2, most
    assert all(e.languages and e.good_at.endswith(".") for e in entries)


def test_kinds_that_cannot_be_trained_are_known_and_not_offered() -> None:
    offered = load_catalogue()
    others = [entry for entry in load_everything() if entry not in offered]
    assert "gemma-4-26b-a4b" in {entry.key for entry in others}
    assert all(entry.dimensions is None for entry in others)
    foreign = find_entry("google/gemma-4-26B-A4B-it")
    assert foreign is not None and not foreign.can_be_trained
    with pytest.raises(ValueError, match="not known"):
        _ = foreign.shape


def test_the_nearest_that_works() -> None:
    assert nearest(30_532_122_624, ("code",)).key == "qwen2.5-coder-32b"
    assert nearest(20_000_000_000, ("reasoning",)).key == "gpt-oss-20b"
    assert nearest(1_000_000).key == "smollm2-360m"
    assert nearest(4_300_000_000, ("everyday", "languages")).can_be_trained


def test_keys_are_unique_and_the_sample_comes_first() -> None:
    entries = load_everything()
    assert entries[0].key == SAMPLE_KEY
    assert [e.packaged for e in entries].count(True) == 1
    assert len({e.key for e in entries}) == len({e.hub_id for e in entries}) == len(entries) >= 9
    sizes = [e.parameters for e in entries[1:]]
    assert sizes == sorted(sizes)
    assert all(licence_name(e.licence) != e.licence for e in entries)


def test_find_by_key_or_hub_name() -> None:
    entry = find_entry("llama-3.1-8b")
    assert entry is not None and entry.gated
    assert find_entry(entry.hub_id) is entry
    assert find_entry("no such model") is None


def test_languages_have_the_names_of_the_present_one():
    entry = next(e for e in load_catalogue() if AND_MORE in e.languages and "German" in e.languages)
    assert entry.languages_in_words == ", ".join(entry.languages)
    language.use("de")
    try:
        assert "Deutsch" in entry.languages_in_words and "German" not in entry.languages_in_words
    finally:
        language.use("en")
