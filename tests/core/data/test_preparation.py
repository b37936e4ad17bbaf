import random

import pytest

from core.data.cleaning import Choices, RowAction, RowChoice
from core.data.draft import Draft, ScanOptions
from core.data.findings.kinds import Action, Kind
from core.data.preparation import REPAIRING, SPLITTING, WRITING, prepare
from core.data.scan import scan
from core.data.splitting import SplitOptions
from core.errors import UserFacingError
from tests.core.data.examples import (
    clean_pairs,
    crossings,
    instruction_rows,
    scanned,
    write_jsonl,
)

THRESHOLD = 0.8


def versions_of(folder, rows, choices=None, **options):
    draft, _ = scanned(folder, rows)
    with draft:
        return prepare(draft, choices or Choices(), SplitOptions(**options), folder / "versions")


def tangled(seed, count=150):
    """Rows with copies, near copies and the same questions, in random order."""
    rng = random.Random(seed)
    rows = instruction_rows(clean_pairs(count, seed))
    for _ in range(count // 3):
        row = dict(rng.choice(rows))
        words = row["output"].split()
        for _ in range(rng.randint(0, 2)):
            words[rng.randrange(len(words))] = rng.choice(["lamp", "<b>stone</b>", "GrÃ¶ÃŸe"])
        row["output"] = " ".join(words)
        rows.append(row)
    for row in rng.sample(rows, count // 10):
        rows.append({**row, "output": rng.choice(rows)["output"]})
    rng.shuffle(rows)
    return rows


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("repair", [False, True])
def test_no_copy_and_no_question_crosses_the_split(tmp_path, seed, repair):
    actions = {Kind.EXACT_DUPLICATE: Action.IGNORE}
    if repair:  # rows that become copies only by the repair must not cross either
        actions |= {Kind.HTML: Action.FIX, Kind.BROKEN_TEXT: Action.FIX}
    else:
        actions[Kind.BROKEN_TEXT] = Action.IGNORE
    version = versions_of(tmp_path, tangled(seed), Choices(actions=actions), held_out=0.4)
    assert min(version.counts.values()) > 0
    assert crossings(version, THRESHOLD) == []


def test_near_copies_that_only_a_repair_shows_do_not_cross(tmp_path):
    """Marks around each word hide from the scan what the cleaned text shows."""
    rows = instruction_rows(clean_pairs(60, 4))
    for row in rows[:30]:
        marked = " ".join(f"<b>{word}</b>" for word in row["output"].split())
        rows.append({"instruction": f"{row['instruction']} Please.", "output": marked})
    actions = {Kind.HTML: Action.FIX, Kind.NEAR_DUPLICATE: Action.IGNORE}
    version = versions_of(tmp_path, rows, Choices(actions=actions), held_out=0.4)
    assert sum(version.counts.values()) == 90
    assert crossings(version, THRESHOLD) == []


def test_near_copies_would_cross_without_the_groups(tmp_path, monkeypatch):
    """The test above can fail."""
    import numpy as np

    monkeypatch.setattr(
        "core.data.deduplication.Deduplicator.groups",
        lambda keys, kept, progress: np.arange(len(keys.key)),
    )
    version = versions_of(tmp_path, tangled(0), held_out=0.4)
    assert crossings(version, THRESHOLD)


def test_the_same_files_and_choices_give_the_same_hash(tmp_path):
    rows = tangled(3, 300)
    hashes = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        hashes.append(versions_of(tmp_path / name, rows).content_hash)
    assert hashes[0] == hashes[1]
    assert len(hashes[0]) == 32


@pytest.mark.parametrize("count", [150, 300, 420])
def test_preparing_again_in_the_same_project_gives_the_same_version(tmp_path, count):
    rows = tangled(5, count)
    first = versions_of(tmp_path, rows)
    again = versions_of(tmp_path, rows)
    assert first.content_hash == again.content_hash
    assert len(list((tmp_path / "versions").iterdir())) == 1


def test_another_seed_or_choice_or_row_gives_another_hash(tmp_path):
    rows = tangled(3)
    hashes = {
        versions_of(tmp_path, rows).content_hash,
        versions_of(tmp_path, rows, seed=1).content_hash,
        versions_of(
            tmp_path, rows, Choices(rows={0: RowChoice(action=RowAction.DROP)})
        ).content_hash,
        versions_of(tmp_path, rows[:-1]).content_hash,
    }
    assert len(hashes) == 4


def test_the_test_part_is_frozen_across_versions(tmp_path):
    rows = instruction_rows(clean_pairs(400, 1))
    first = versions_of(tmp_path, rows[:300])
    tested = {item.question for item in first.examples("test")}
    assert len(tested) >= 20
    more = versions_of(tmp_path, rows)
    assert {item.question for item in more.examples("test")} == tested
    changed = [
        {**row, "output": row["output"] + " And so on, as it was said."} for row in rows[:350]
    ]
    third = versions_of(tmp_path, changed)
    assert {item.question for item in third.examples("test")} == tested
    assert third.content_hash not in (first.content_hash, more.content_hash)


def test_near_copies_of_earlier_test_questions_stay_in_the_test_part(tmp_path):
    """The old rows are gone; slightly other questions and answers stand in their place."""
    pairs = [p for p in clean_pairs(400, 1) if len(p[1].split()) > 20][:300]
    first = versions_of(tmp_path, instruction_rows(pairs), held_out=0.3)
    tested = {item.question for item in first.examples("test")}
    assert len(tested) >= 30
    changed = [(f"{q.rstrip('?')} really?", f"{a} Indeed.") for q, a in pairs]
    second = versions_of(tmp_path, instruction_rows(changed), held_out=0.3)
    now = {item.question for item in second.examples("test")}
    assert now == {f"{question.rstrip('?')} really?" for question in tested}


def test_a_test_question_that_was_gone_for_one_version_is_one_when_it_returns(tmp_path):
    rows = instruction_rows(clean_pairs(400, 1))
    first = versions_of(tmp_path, rows)
    tested = {item.question for item in first.examples("test")}
    versions_of(tmp_path, [row for row in rows if row["instruction"] not in tested])
    third = versions_of(tmp_path, rows)
    assert tested <= {item.question for item in third.examples("test")}


def test_a_question_that_every_row_asks_freezes_only_its_own_answers(tmp_path):
    rows = [
        {"question": "Write the entry of the changelog.", "answer": f"{question} {answer}"}
        for question, answer in clean_pairs(330, 12)
    ]
    first = versions_of(tmp_path, rows[:300])
    tested = {item.answer for item in first.examples("test")}
    assert first.counts == {"train": 255, "validation": 23, "test": 22}
    more = versions_of(tmp_path, rows)
    assert {item.answer for item in more.examples("test")} == tested
    assert more.counts["train"] > 250


def test_repairs_edits_and_drops_are_in_the_version(tmp_path):
    rows = instruction_rows(clean_pairs(40, 6))
    rows[3]["output"] = "It is  so. "
    rows[5]["output"] = "<p>It is so.</p>"
    question = rows[8]["instruction"]
    choices = Choices(
        actions={Kind.HTML: Action.FIX},
        rows={
            8: RowChoice(action=RowAction.EDIT, texts=(question, "Edited answer.")),
            9: RowChoice(action=RowAction.DROP),
        },
    )
    version = versions_of(tmp_path, rows, choices)
    answers = {item.question: item.answer for item in version.examples()}
    assert answers[rows[3]["instruction"]] == "It is so."
    assert answers[rows[5]["instruction"]] == "It is so."
    assert answers[question] == "Edited answer."
    assert rows[9]["instruction"] not in answers
    assert len(answers) == 39


def test_rows_that_become_copies_are_dropped_as_copies(tmp_path):
    rows = instruction_rows(clean_pairs(30, 6))
    rows[20] = {**rows[4], "output": f"<p>{rows[4]['output']}</p>"}
    version = versions_of(tmp_path, rows, Choices(actions={Kind.HTML: Action.FIX}))
    assert sum(version.counts.values()) == 29
    assert version.receipt()["dropped"] == {"exact_duplicate": 1}


def test_tasks_are_split_alike(tmp_path):
    one = write_jsonl(tmp_path / "one.jsonl", instruction_rows(clean_pairs(300, 1)))
    two = write_jsonl(tmp_path / "two.jsonl", instruction_rows(clean_pairs(100, 2)))
    options = ScanOptions.model_validate({"read": {"task": {"one.jsonl": "a", "two.jsonl": "b"}}})
    scan([one, two], options, tmp_path / "draft")
    with Draft(tmp_path / "draft") as draft:
        version = prepare(draft, Choices(), SplitOptions(), tmp_path / "versions")
    tasks = [item.task for item in version.examples("test")]
    assert tasks.count("a") == pytest.approx(22, abs=2)
    assert tasks.count("b") == pytest.approx(7, abs=1)


def test_nothing_is_left(tmp_path):
    with pytest.raises(UserFacingError) as caught:
        versions_of(tmp_path, ["oops", 3])
    assert caught.value.code == "dataset.nothing_kept"
    assert not (tmp_path / "versions").exists()


@pytest.mark.parametrize("wanted", [REPAIRING, SPLITTING, WRITING])
def test_a_cancel_in_any_phase_leaves_nothing(tmp_path, wanted):
    rows = instruction_rows(clean_pairs(50))
    rows[3]["output"] += "  "
    draft, _ = scanned(tmp_path, rows)
    phases = []
    with draft:

        def cancel(phase, done, total):
            phases.append(phase)
            if phase == wanted:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            prepare(draft, Choices(), SplitOptions(), tmp_path / "versions", cancel)
    assert phases[-1] == wanted
    assert list((tmp_path / "versions").glob("*")) == []


def test_pieces_of_a_long_text_never_cross_parts(tmp_path):
    dice = random.Random(3)
    words = [f"w{n}" for n in range(4000)]
    articles = [
        "\n\n".join(" ".join(dice.choices(words, k=60)) for _ in range(dice.choice([3, 40])))
        for _ in range(150)
    ]
    path = write_jsonl(tmp_path / "articles.jsonl", [{"text": text} for text in articles])
    scan([path], ScanOptions(), tmp_path / "draft")
    with Draft(tmp_path / "draft") as draft:
        assert len(draft) > 300
        assert draft.summary.findings.get(Kind.TOO_LONG, 0) == 0
        assert draft.summary.findings.get(Kind.NEAR_DUPLICATE, 0) == 0
        long = sum(len(text) > 4000 for text in articles)
        said = [str(notice.text) for notice in draft.summary.notices]
        assert any(text.startswith(f"{long} long texts are read in ") for text in said)
        version = prepare(draft, Choices(), SplitOptions(), tmp_path / "versions")
    lines = {
        part: {example.source.line for example in version.examples(part)}
        for part in ("train", "validation", "test")
    }
    assert all(lines.values())
    assert not lines["train"] & (lines["validation"] | lines["test"])
    assert not lines["validation"] & lines["test"]
    whole = {line for part in lines.values() for line in part}
    assert whole == set(range(1, 151))
