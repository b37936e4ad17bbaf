import pytest

from core.models.catalogue import SAMPLE_KEY, find_entry, load_catalogue
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
    "phi-4": 14660,
}


@pytest.mark.parametrize("entry", load_catalogue(), ids=lambda entry: entry.key)
def test_dimensions_give_the_published_size(entry) -> None:  # type: ignore[no-untyped-def]
    assert entry.shape.total_parameters / 1e6 == pytest.approx(PUBLISHED[entry.key], rel=0.002)
    assert entry.download_bytes == pytest.approx(2 * entry.shape.total_parameters, rel=0.01)


def test_keys_are_unique_and_the_sample_comes_first() -> None:
    entries = load_catalogue()
    assert entries[0].key == SAMPLE_KEY
    assert [e.packaged for e in entries].count(True) == 1
    assert len({e.key for e in entries}) == len({e.hub_id for e in entries}) == len(entries) >= 9
    sizes = [e.shape.total_parameters for e in entries]
    assert sizes == sorted(sizes)
    assert all(licence_name(e.licence) != e.licence for e in entries)


def test_find_by_key_or_hub_name() -> None:
    entry = find_entry("llama-3.1-8b")
    assert entry is not None and entry.gated
    assert find_entry(entry.hub_id) is entry
    assert find_entry("no such model") is None
