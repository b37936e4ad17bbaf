import json
from collections import Counter
from importlib import resources

import numpy as np
import pytest

from core.data.cleaning import Choices
from core.data.draft import Draft, ScanOptions
from core.data.findings.analysis import hashes
from core.data.mixture import (
    EARLIER,
    GENERAL,
    GENERAL_FILE,
    MixtureOptions,
    expected_training,
    general_examples,
    tasks_of,
    usable_counts,
)
from core.data.preparation import prepare
from core.data.scan import scan
from core.data.splitting import SplitOptions
from core.data.versions.receipt import Receipt
from core.errors import UserFacingError
from tests.core.data.examples import clean_pairs, crossings, instruction_rows, scanned, write_jsonl


def mixed(folder, rows, **options):
    draft, _ = scanned(folder, rows)
    with draft:
        return prepare(
            draft,
            Choices(),
            SplitOptions(),
            folder / "versions",
            mixture=MixtureOptions(**options),
        )


def two_files(folder, **options):
    one = write_jsonl(folder / "docs.jsonl", instruction_rows(clean_pairs(300, 1)))
    two = write_jsonl(folder / "log.jsonl", instruction_rows(clean_pairs(100, 2)))
    scan([one, two], ScanOptions(), folder / "draft")
    with Draft(folder / "draft") as draft:
        return prepare(
            draft,
            Choices(),
            SplitOptions(),
            folder / "versions",
            mixture=MixtureOptions(**options),
        )


def added(version, origin):
    lines = [json.loads(line) for line in version.lines()]
    return [line for line in lines if line.get("added") == origin]


def files_of(version, part):
    return Counter(example.source.file for example in version.examples(part))


def test_without_options_nothing_is_added_or_left_out(tmp_path):
    version = mixed(tmp_path, instruction_rows(clean_pairs(60, 1)))
    assert sum(version.counts.values()) == 60
    assert version.meta.added == {}


def test_files_are_tasks_where_rows_name_none(tmp_path):
    version = two_files(tmp_path)
    test = files_of(version, "test")
    assert test["docs.jsonl"] == pytest.approx(22, abs=2)
    assert test["log.jsonl"] == pytest.approx(7, abs=1)
    with Draft(tmp_path / "draft") as draft:
        tasks = tasks_of(draft)
        assert tasks.names == ("docs.jsonl", "log.jsonl")
        assert tasks.counts(np.arange(len(draft))) == {"docs.jsonl": 300, "log.jsonl": 100}


def test_named_tasks_go_before_files(tmp_path):
    rows = [
        {**row, "task": "explain" if n % 3 else "sum"}
        for n, row in enumerate(instruction_rows(clean_pairs(60, 1)))
    ]
    draft, _ = scanned(tmp_path, rows)
    with draft:
        tasks = tasks_of(draft)
        assert tasks.counts(np.arange(60)) == {"explain": 40, "sum": 20}


def test_proportions_are_kept_in_training_and_nothing_is_repeated(tmp_path):
    version = two_files(tmp_path, shares={"docs.jsonl": 1, "log.jsonl": 1})
    train = files_of(version, "train")
    assert train["docs.jsonl"] == train["log.jsonl"]
    assert 80 <= train["log.jsonl"] <= 90, "the smaller task is used up"
    texts = [example.question for example in version.examples("train")]
    assert len(texts) == len(set(texts))


def test_what_is_held_back_does_not_depend_on_the_proportions(tmp_path):
    plain = two_files(tmp_path)
    other = two_files(tmp_path, shares={"docs.jsonl": 1, "log.jsonl": 3})
    for part in ("validation", "test"):
        assert list(plain.examples(part)) == list(other.examples(part))


def test_the_receipt_accounts_for_the_mixture(tmp_path):
    version = two_files(tmp_path, shares={"docs.jsonl": 1, "log.jsonl": 1}, general=7)
    receipt = Receipt.model_validate(version.receipt())
    assert receipt.read == receipt.kept + sum(receipt.dropped.values()) == 400
    assert receipt.dropped["mixture"] == receipt.unused["docs.jsonl"] > 150
    assert receipt.added == {GENERAL: 7}
    assert sum(receipt.split.values()) == receipt.kept + 7


@pytest.mark.parametrize(
    ("available", "shares", "expected"),
    [
        ({"a": 100, "b": 50}, {"a": 1, "b": 1}, {"a": 50, "b": 50}),
        ({"a": 100, "b": 50}, {"a": 80, "b": 20}, {"a": 100, "b": 25}),
        ({"a": 100, "b": 50}, {"a": 1}, {"a": 100, "b": 0}),
        ({"a": 100}, {"gone": 1}, {"a": 0}),
    ],
)
def test_usable_counts(available, shares, expected):
    assert usable_counts(available, shares) == expected


def test_expected_training():
    available = {"a": 300, "b": 100}
    assert expected_training(340, available, MixtureOptions()) == 340
    assert expected_training(340, available, MixtureOptions(shares={"a": 1, "b": 1})) == 170
    added = MixtureOptions(general=20, rehearse="v", rehearsed=5)
    assert expected_training(340, available, added) == 365
    assert expected_training(0, {}, MixtureOptions()) == 0
    assert MixtureOptions(rehearsed=5).is_plain()
    assert not added.is_plain()


def test_general_examples_are_only_learned_from(tmp_path):
    version = mixed(tmp_path, instruction_rows(clean_pairs(300, 1)), general=30)
    assert len(added(version, GENERAL)) == 30
    assert {line["part"] for line in added(version, GENERAL)} == {"train"}
    assert version.counts["train"] == 255 + 30


def test_a_general_example_that_is_held_back_already_is_not_added(tmp_path):
    """Also with other words around it; the person's own examples go first."""
    ours = [(e.question, f"{e.answer} That is all.") for e in general_examples()]
    version = mixed(tmp_path, instruction_rows(ours), general=len(ours))
    assert version.meta.added == {}


def test_the_shipped_general_examples_are_sound():
    examples = general_examples()
    assert 100 <= len(examples) <= 200
    keys = {hashes(example.messages)[1] for example in examples}
    assert len(keys) == len(examples)
    assert all(example.answer.strip() == example.answer for example in examples)
    asked = json.loads((resources.files("resources") / "general_questions.json").read_text())
    questions = {q["question"].lower() for q in asked["questions"]}
    assert not questions & {e.question.lower() for e in examples}, "forgetting is measured on them"
    assert GENERAL_FILE in (resources.files("resources") / "NOTICE").read_text()


def test_the_shipped_general_examples_have_no_findings(tmp_path):
    rows = instruction_rows((e.question, e.answer) for e in general_examples())
    draft, summary = scanned(tmp_path, rows)
    draft.close()
    accepted = {"language", "outlier", "trivial", "mixed_format", "html"}
    assert {kind.value for kind in summary.findings} <= accepted


def test_rehearsal_takes_training_examples_of_an_earlier_version(tmp_path):
    first = mixed(tmp_path, instruction_rows(clean_pairs(300, 1)))
    rows = instruction_rows(clean_pairs(200, 5))
    version = mixed(tmp_path, rows, rehearse=first.content_hash, rehearsed=40)
    rehearsed = [line["messages"][0]["content"] for line in added(version, EARLIER)]
    assert len(rehearsed) == 40
    assert set(rehearsed) <= {example.question for example in first.examples("train")}
    assert crossings(version, 0.8) == []


def test_rehearsal_adds_nothing_that_is_there_or_was_tested(tmp_path):
    rows = instruction_rows(clean_pairs(300, 1))
    first = mixed(tmp_path, rows)
    version = mixed(tmp_path, rows, rehearse=first.content_hash, rehearsed=40)
    assert version.meta.added == {}
    assert version.content_hash == first.content_hash


def test_rehearsing_a_version_that_is_gone(tmp_path):
    with pytest.raises(UserFacingError) as refusal:
        mixed(tmp_path, instruction_rows(clean_pairs(60, 1)), rehearse="abc", rehearsed=5)
    assert refusal.value.code == "dataset.version_missing"


def test_the_same_mixture_gives_the_same_hash(tmp_path):
    rows = instruction_rows(clean_pairs(300, 1))
    (tmp_path / "b").mkdir()
    one = mixed(tmp_path, rows, general=20)
    two = mixed(tmp_path / "b", rows, general=20)
    assert one.content_hash == two.content_hash
