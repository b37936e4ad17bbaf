import pytest

from core.data.cleaning import Choices
from core.data.preparation import prepare
from core.data.splitting import SplitOptions
from core.serving.use.extension import extend
from tests.core.data.examples import clean_pairs, instruction_rows, scanned


@pytest.fixture
def version(tmp_path):
    draft, _ = scanned(tmp_path, instruction_rows(clean_pairs(400, 8)))
    with draft:
        return prepare(draft, Choices(), SplitOptions(), tmp_path / "versions")


def held(version):
    return [*version.examples("validation"), *version.examples("test")]


def extended(tmp_path, version, rows):
    (tmp_path / "more").mkdir()
    draft, _ = scanned(tmp_path / "more", rows)
    with draft:
        return extend(version, draft, tmp_path / "versions", "use")


def row(example, answer=None):
    return {"instruction": example.question, "output": answer or example.answer}


def test_new_examples_are_trained_on_and_every_other_keeps_its_part(tmp_path, version):
    new = instruction_rows(clean_pairs(20, 99))
    found = extended(tmp_path, version, new)
    assert len(found.added) == 20
    lines = list(found.version.lines())
    assert lines[:-20] == list(version.lines())
    assert all(line.endswith(b',"added":"use","part":"train"}\n') for line in lines[-20:])
    assert found.version.counts["train"] == version.counts["train"] + 20
    assert found.version.meta.added == {"use": 20}
    found.version.verify()


def test_what_resembles_a_held_out_example_is_never_trained_on(tmp_path, version):
    asked = held(version)[:30]
    rows = [row(example, "Quite another answer, as somebody corrected it.") for example in asked]
    rows += [row(example) for example in asked[:5]]
    rows += [
        {"instruction": f"{example.question}", "output": f"{example.answer} Indeed."}
        for example in asked[5:10]
    ]
    found = extended(tmp_path, version, rows)
    assert found.added == ()
    assert found.version == version
    assert len(found.held_out) + len(found.dropped) == len(rows)


def test_what_is_trained_on_already_is_not_added_again(tmp_path, version):
    known = list(version.examples("train"))[:7]
    found = extended(tmp_path, version, [row(example) for example in known])
    assert (found.added, len(found.known)) == ((), 7)


def test_the_same_again_gives_the_same_version(tmp_path, version):
    new = instruction_rows(clean_pairs(5, 99))
    first = extended(tmp_path, version, new).version
    (tmp_path / "again").mkdir()
    draft, _ = scanned(tmp_path / "again", new)
    with draft:
        again = extend(version, draft, tmp_path / "versions", "use")
    assert again.version == first


def test_the_test_part_of_an_earlier_version_counts_too(tmp_path, version):
    first = extended(tmp_path, version, instruction_rows(clean_pairs(5, 99))).version
    test = next(iter(version.examples("test")))
    (tmp_path / "later").mkdir()
    draft, _ = scanned(tmp_path / "later", [row(test)])
    with draft:
        assert extend(first, draft, tmp_path / "versions", "use").added == ()
