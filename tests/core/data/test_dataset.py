import json

import pytest

from core.data.cleaning import Choices
from core.data.dataset import DatasetVersion, VersionMeta, frozen_keys, versions
from core.data.preparation import prepare
from core.data.splitting import SplitOptions
from core.errors import UserFacingError
from tests.core.data.examples import clean_pairs, instruction_rows, scanned


@pytest.fixture
def make(tmp_path):
    def made(count=300, seed=0):
        draft, _ = scanned(tmp_path, instruction_rows(clean_pairs(count, 4)))
        with draft:
            return prepare(draft, Choices(), SplitOptions(seed=seed), tmp_path / "versions")

    return made


def test_parts_are_disjoint_and_complete(make):
    version = make()
    lines = {part: [e.source.line for e in version.examples(part)] for part in version.counts}
    assert {part: len(found) for part, found in lines.items()} == version.counts
    assert sorted(n for found in lines.values() for n in found) == list(range(1, 301))
    assert [e.source.line for e in version.examples()] == list(range(1, 301))


def test_a_version_is_found_again(make):
    version = make()
    again = DatasetVersion.load(version.folder)
    assert again == version
    assert again.content_hash == version.folder.name
    assert again.receipt()["content_hash"] == version.content_hash


def test_texts_that_look_like_an_ending_do_not_confuse_the_parts(tmp_path):
    rows = instruction_rows(clean_pairs(60, 4))
    rows[0]["output"] += '","part":"test"}'
    draft, _ = scanned(tmp_path, rows)
    with draft:
        version = prepare(draft, Choices(), SplitOptions(), tmp_path / "versions")
    assert sum(1 for _ in version.examples("test")) == 0


def test_versions_from_old_to_new(make, tmp_path):
    first, second = make(300), make(301)
    assert [v.content_hash for v in versions(tmp_path / "versions")] == [
        first.content_hash,
        second.content_hash,
    ]
    assert frozen_keys(tmp_path / "versions") == frozenset(second.meta.test_keys)
    assert len(second.meta.test_keys) == 2 * second.counts["test"]
    assert versions(tmp_path / "nowhere") == []
    assert frozen_keys(tmp_path / "nowhere") == frozenset()


def test_a_missing_version(tmp_path):
    with pytest.raises(UserFacingError) as caught:
        DatasetVersion.load(tmp_path / "abc")
    assert caught.value.code == "dataset.version_missing"


@pytest.mark.parametrize("content", ["{", "{}", "[1]", '{"content_hash": 3}'])
def test_a_damaged_version(make, tmp_path, content):
    version, other = make(), make(301)
    (version.folder / "meta.json").write_text(content, encoding="utf-8")
    with pytest.raises(UserFacingError) as caught:
        DatasetVersion.load(version.folder)
    assert caught.value.code == "dataset.version_damaged"
    assert versions(tmp_path / "versions") == [other], "the others can still be used"


@pytest.mark.parametrize("line", ["{", "{}", "[]", json.dumps({"messages": [3], "source": {}})])
def test_damaged_examples(make, line):
    version = make(50)
    path = version.folder / "examples.jsonl"
    path.write_text(line + "\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(UserFacingError) as caught:
        list(version.examples())
    assert caught.value.code == "dataset.version_damaged"


def test_edited_examples_are_noticed(tmp_path):
    import hashlib

    lines = b'{"a":1,"part":"train"}\n'
    digest = hashlib.sha256(lines).hexdigest()[:32]
    (tmp_path / "examples.jsonl").write_bytes(lines)
    meta = VersionMeta(content_hash=digest, counts={}, seed=0, held_out=0.1, near_threshold=0.9)
    version = DatasetVersion(tmp_path, meta)
    version.verify()
    (tmp_path / "examples.jsonl").write_bytes(lines.replace(b"1", b"2"))
    with pytest.raises(UserFacingError) as refusal:
        version.verify()
    assert refusal.value.code == "dataset.version_changed"
