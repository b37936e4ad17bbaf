"""The record's way back: corrected answers become examples, and the test part stays as it was."""

import pytest

from core.data.cleaning import Choices
from core.data.dataset import DatasetVersion
from core.data.findings.near.shingles import Shingler, words_of
from core.data.preparation import prepare
from core.data.splitting import SplitOptions
from core.generation.spec import Done
from core.serving.use.corrections import learn_from_use
from tests.core.data.examples import clean_pairs, instruction_rows, scanned
from tests.core.data.findings.near.jaccard import similarity
from tests.core.serving.conftest import ask


@pytest.fixture
def version(tmp_path, project):
    draft, _ = scanned(tmp_path, instruction_rows(clean_pairs(400, 8)))
    with draft:
        return prepare(draft, Choices(), SplitOptions(), project.versions)


def use(record, prompt, answer, mark="edited"):
    id = f"request {record.counts().requests}"
    done = Done(id=id, reason="stop", tokens=1, seconds=1)
    record.add(ask(prompt, id), "The model's own answer.", done, characters=2000)
    found = record.find(id)
    record.mark(found.id, mark, answer if mark == "edited" else "")
    return found


def test_forty_corrected_queries_become_a_version_and_the_test_part_is_unchanged(
    project, record, version
):
    for pair in clean_pairs(40, 99):
        use(record, pair[0], pair[1])
    for example in list(version.examples("test"))[:10]:  # people ask what is tested as well
        use(record, example.question, f"{example.answer} But better.")
    learned = learn_from_use(project, version)
    assert (learned.added, learned.held_out, learned.known, learned.dropped) == (40, 10, 0, 0)
    assert list(learned.version.examples("test")) == list(version.examples("test"))
    assert list(learned.version.examples("validation")) == list(version.examples("validation"))
    assert learned.version.meta.test_keys == version.meta.test_keys
    learned.version.verify()
    assert nearest_to_the_tests(learned.version) < 0.8


def nearest_to_the_tests(version: DatasetVersion) -> float:
    parts = ([*version.examples("train")], [*version.examples("test")])
    shingler = Shingler()
    tables = [
        shingler.shingles([words_of(f"{e.question} {e.answer}".lower()) for e in part])
        for part in parts
    ]
    return max(
        similarity(tables[0].row(n), tables[1].row(m))
        for n in range(len(parts[0]) - 60, len(parts[0]))
        for m in range(len(parts[1]))
    )


def test_each_is_taken_once(project, record, version):
    use(record, "What is a whole new question about bees?", "Bees live in a hive of wax.")
    first = learn_from_use(project, version)
    assert first.added == 1
    assert record.counts().usable == 0
    again = learn_from_use(project, first.version)
    assert (again.added, again.version) == (0, first.version)


def test_an_answer_that_was_right_is_learned_as_it_was(project, record, version):
    use(record, "What is a whole new question about bees?", "", "right")
    use(record, "What is another question about rivers?", "", "wrong")
    learned = learn_from_use(project, version)
    assert learned.added == 1
    last = list(learned.version.examples("train"))[-1]
    assert last.answer == "The model's own answer."
    assert last.source.file.endswith("daily-use.jsonl")


def test_nothing_reviewed_changes_nothing(project, record, version):
    assert learn_from_use(project, version).version == version


def test_a_question_that_was_never_kept_whole_is_left_alone(project, record, version):
    done = Done(id="a", reason="stop", tokens=1, seconds=1)
    record.add(ask("y" * 300, "a"), "x", done, characters=200)
    record.mark(1, "right")
    assert learn_from_use(project, version).added == 0
