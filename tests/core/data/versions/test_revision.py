import pytest

from core.data.cleaning import Choices
from core.data.mixture import MixtureOptions
from core.data.preparation import prepare
from core.data.splitting import SplitOptions
from core.data.versions.receipt import Receipt
from core.data.versions.revision import leave_out
from core.errors import UserFacingError
from tests.core.data.examples import clean_pairs, instruction_rows, scanned


@pytest.fixture
def version(tmp_path):
    rows = instruction_rows(clean_pairs(300, 8))
    rows[5] = rows[2]
    draft, _ = scanned(tmp_path, rows)
    with draft:
        mixture = MixtureOptions(general=10)
        return prepare(draft, Choices(), SplitOptions(), tmp_path / "versions", mixture=mixture)


def places(version, part):
    return [n for n, (own, _) in enumerate(version.rows()) if own == part]


def test_only_the_named_examples_are_missing(version, tmp_path):
    lost = {places(version, "train")[3]: "why", places(version, "test")[0]: "why"}
    revised = leave_out(version, lost, tmp_path / "versions")
    kept = [row for n, row in enumerate(version.rows()) if n not in lost]
    assert list(revised.rows()) == kept
    assert sum(revised.counts.values()) == sum(version.counts.values()) - 2
    assert revised.content_hash == revised.folder.name != version.content_hash
    assert revised.meta.test_keys == version.meta.test_keys, "still kept out of training"
    assert leave_out(version, lost, tmp_path / "versions") == revised


def test_the_receipt_says_what_why_and_where(version, tmp_path):
    place = places(version, "train")[3]
    source = [row for _, row in version.rows()][place].source
    revised = leave_out(version, {place: "No answer fits."}, tmp_path / "versions")
    receipt = Receipt.model_validate(revised.receipt())
    assert receipt.dropped == {"exact_duplicate": 1, "unlearnable": 1}
    assert receipt.findings["unlearnable"] == 1
    assert receipt.read == receipt.kept + sum(receipt.dropped.values())
    row = receipt.rows[0]
    assert (row.file, row.line, row.what, row.by) == (source.file, source.line, "dropped", "rule")
    assert row.reasons == ("unlearnable",)
    assert row.details == "No answer fits."
    assert receipt.split == revised.counts
    assert receipt.content_hash == revised.content_hash


def test_an_added_example_is_taken_off_what_was_added(version, tmp_path):
    last = sum(version.counts.values()) - 1
    revised = leave_out(version, {last: "why"}, tmp_path / "versions")
    assert revised.meta.added == {"general": 9}
    receipt = Receipt.model_validate(revised.receipt())
    assert receipt.added == {"general": 9}
    assert receipt.kept == 299
    assert "unlearnable" not in receipt.dropped


def test_something_must_be_left(version, tmp_path):
    everything = dict.fromkeys(range(sum(version.counts.values())), "why")
    with pytest.raises(UserFacingError) as refusal:
        leave_out(version, everything, tmp_path / "versions")
    assert refusal.value.code == "dataset.nothing_kept"
