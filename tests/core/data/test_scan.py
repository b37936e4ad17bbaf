import json
import zipfile

import pytest
from pydantic import ValidationError

from core.data import scan as scan_module
from core.data.cleaning import Choices
from core.data.draft import Draft, ScanOptions
from core.data.findings.frames import Frame
from core.data.findings.kinds import Action, Kind
from core.data.preparation import changed_rows
from core.data.report import draft_report
from core.data.scan import COMPARING, READING, SUMMING_UP, scan, silent
from core.errors import UserFacingError
from tests.core.data.examples import (
    INNOCENT,
    ask,
    clean_pairs,
    instruction_rows,
    scanned,
    similarity,
    word_pairs,
    write_jsonl,
)

CLEAN = clean_pairs(120, seed=3)


def findings(folder, rows, **options):
    draft, summary = scanned(folder, rows, **options)
    rows_of = {kind.value: draft.rows_of(kind).tolist() for kind in summary.findings}
    draft.close()
    return rows_of


def test_clean_rows_have_no_findings(tmp_path):
    pairs = [*CLEAN, *INNOCENT]
    assert findings(tmp_path, instruction_rows(pairs)) == {}


def test_planted_faults_are_found_where_they_are(tmp_path):
    rows = instruction_rows(CLEAN)
    answer = CLEAN[0][1]
    rows[10] = {**rows[0], "output": answer.upper()}
    rows[20] = {**rows[1], "output": rows[1]["output"] + " Indeed."}
    rows[30] = {**rows[2], "output": "Something that has nothing to do with the first answer."}
    rows[40]["output"] = "GrÃ¶ÃŸe " + rows[40]["output"]
    rows[50]["output"] = "<p>" + rows[50]["output"] + "</p>"
    rows[60]["output"] = ""
    rows[70]["output"] = "n/a"
    rows[80]["output"] = rows[80]["instruction"]
    rows[90]["output"] = "word " * 3000
    rows[100]["output"] = (
        "Das ist nicht die Antwort, die wir für diese Frage haben, und sie ist auch nicht gut."
    )
    rows[110]["output"] += "  My mail is anna@posteo.de, my password: Tr0ub4dor&3x"
    found = findings(tmp_path, rows)
    one, two = (word_pairs_of(rows[n]) for n in (1, 20))
    assert similarity(one, two) >= 0.8, "the test's own near copy"
    assert found == {
        "exact_duplicate": [10],
        "near_duplicate": [20],
        "conflict": [2, 30],
        "broken_text": [40],
        "html": [50],
        "empty": [60],
        "trivial": [70],
        "echo": [80],
        "too_long": [90],
        "whitespace": [90],
        "outlier": [90],
        "language": [100],
        "secret": [110],
        "personal_data": [110],
    }


def word_pairs_of(row):
    return word_pairs(ask(row["instruction"], row["output"]))


def test_a_seed_like_file(tmp_path):
    """847 rows: 147 copies, 23 with stray HTML, 8 damaged ones, JSON and plain text mixed."""
    pairs = clean_pairs(847 - 147 - 8, seed=11)
    rows = [json.dumps(row) for row in instruction_rows(pairs)]
    for number in range(23):
        row = json.loads(rows[number * 11])
        row["output"] = f"<div class='x'>{row['output']}</div><br/>"
        rows[number * 11] = json.dumps(row)
    rows += [rows[300 + n] for n in range(147)]
    for number in range(4):
        rows.insert(100 + number * 90, '{"instruction": "cut in the mid')
        rows.insert(60 + number * 90, f"Plain text number {number}, no JSON at all.")
    path = tmp_path / "seed.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    summary = scan([path], ScanOptions(), tmp_path / "draft")
    assert summary.rows == 847
    assert summary.findings == {
        Kind.EXACT_DUPLICATE: 147,
        Kind.HTML: 23,
        Kind.MALFORMED_ROW: 8,
        Kind.MIXED_FORMAT: 4,
    }
    assert len(summary.problems) == 8
    damaged = [n for n, row in enumerate(rows, 1) if not row.endswith("}")]
    assert [problem.line for problem in summary.problems] == damaged


def test_kept_and_dropped_are_what_was_read(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"question": "a b", "answer": "c d"}\noops\n[]\n3\n', encoding="utf-8")
    scan([path], ScanOptions(), tmp_path / "draft")
    with Draft(tmp_path / "draft") as draft:
        report = draft_report(draft)
    assert (report.rows_read, report.kept, report.dropped) == (4, 1, 3)
    assert [problem.line for problem in report.problems] == [2, 3, 4]


def test_several_files_and_their_summaries(tmp_path):
    one = write_jsonl(tmp_path / "one.jsonl", instruction_rows(CLEAN[:5]))
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("in/two.csv", "question,answer\nwho is it,it is me\n")
    before = one.read_bytes()
    summary = scan([one, tmp_path / "two.zip"], ScanOptions(), tmp_path / "draft")
    assert [(s.label, s.rows, s.format) for s in summary.sources] == [
        ("one.jsonl", 5, "jsonl"),
        ("two.zip/in/two.csv", 1, "csv"),
    ]
    assert len(summary.sources[0].sha256) == 64
    assert one.read_bytes() == before


def test_options_change_what_is_found(tmp_path):
    rows = instruction_rows(CLEAN)
    assert "too_long" in findings(tmp_path, rows, max_tokens=16)
    rows[0] = max(rows, key=lambda row: len(row["output"]))
    rows = [row for n, row in enumerate(rows) if n == 0 or row is not rows[0]]
    rows[1] = {**rows[0], "output": rows[0]["output"] + " Indeed so it is, my friend, for ever."}
    near = similarity(word_pairs_of(rows[0]), word_pairs_of(rows[1]))
    assert findings(tmp_path, rows, near_threshold=round(near - 0.02, 3)) == {"near_duplicate": [1]}
    assert findings(tmp_path, rows, near_threshold=round(near + 0.02, 3)) == {"conflict": [0, 1]}


@pytest.mark.parametrize("wrong", [{"near_threshold": 0.69}, {"max_tokens": 3}])
def test_options_that_would_not_work_are_refused(wrong):
    with pytest.raises(ValidationError):
        ScanOptions.model_validate(wrong)


def test_the_same_file_gives_the_same_findings_on_all_cores(tmp_path, monkeypatch):
    rows = instruction_rows([*CLEAN, *CLEAN[:9]])
    alone = findings(tmp_path, rows)
    monkeypatch.setattr("core.data.scan._WORTH_WORKERS", 0)
    assert findings(tmp_path, rows) == alone


class Cancel(Exception):  # noqa: N818
    pass


@pytest.mark.parametrize("workers", [False, True])
@pytest.mark.parametrize("wanted", [READING, COMPARING, SUMMING_UP])
def test_a_cancel_in_any_phase_leaves_the_old_draft(tmp_path, monkeypatch, wanted, workers):
    path = write_jsonl(tmp_path / "rows.jsonl", instruction_rows(CLEAN))
    phases = []
    scan([path], ScanOptions(), tmp_path / "draft", lambda phase, *_: phases.append(phase))
    assert list(dict.fromkeys(phases)) == [READING, COMPARING, SUMMING_UP]
    if workers:
        monkeypatch.setattr("core.data.scan._WORTH_WORKERS", 0)
        monkeypatch.setattr("core.data.findings.near.copies._WORTH_THREADS", 0)

    def cancel(phase, done, total):
        if phase == wanted:
            raise Cancel

    with pytest.raises(Cancel):
        scan([path], ScanOptions(), tmp_path / "draft", cancel)
    assert len(list((tmp_path / "draft").glob("scan-*"))) == 1
    with Draft(tmp_path / "draft") as draft:
        assert len(draft) == 120


@pytest.mark.parametrize("content", ["", "question,answer\n", "\n\n"])
def test_no_row_at_all(tmp_path, content):
    path = tmp_path / "rows.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserFacingError) as caught:
        scan([path], ScanOptions(), tmp_path / "draft")
    assert caught.value.code == "dataset.empty"
    assert not list((tmp_path / "draft").glob("*"))


def test_long_rows_are_read_in_small_portions(tmp_path, monkeypatch):
    portions = []
    whole = scan_module.analysed

    def watched(chunks, *, parallel):
        def noted():
            for rows in chunks:
                portions.append(sum(row.item.characters for row in rows))
                yield rows

        return whole(noted(), parallel=parallel)

    monkeypatch.setattr(scan_module, "analysed", watched)
    rows = [{"question": f"{n} " * 10, "answer": "word " * 200_000} for n in range(30)]
    scan([write_jsonl(tmp_path / "long.jsonl", rows)], ScanOptions(), tmp_path / "draft")
    assert len(portions) > 5
    assert max(portions) < 6_000_000


def test_signatures_are_counted_kept_by_default_and_removed_on_request(tmp_path):
    signature = "Warm regards,\nMargit"
    rows = instruction_rows(
        (question, answer if n % 2 else f"{answer}\n\n{signature}")
        for n, (question, answer) in enumerate(clean_pairs(60, seed=5))
    )
    draft, summary = scanned(tmp_path, rows)
    with draft:
        assert summary.findings[Kind.FRAME] == 30
        assert summary.frames == (Frame(place="end", text=signature, count=30),)
        assert draft.rows_of(Kind.FRAME).tolist() == list(range(0, 60, 2))
        assert not draft.plan(Choices()).repairs.any()
        plan = draft.plan(Choices().with_action(Kind.FRAME, Action.FIX))
        assert plan.kept_count == 60
        changed = dict(changed_rows(draft, plan, Choices(), silent))
        assert len(changed) == 30
        assert not any(signature in example.answer for example in changed.values())
        before, after = draft.before_after(0, Kind.FRAME)
        assert before.answer == f"{after.answer}\n\n{signature}"


def test_a_signature_under_every_second_answer_is_in_the_sample_of_a_long_file(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(scan_module, "_FRAME_SAMPLE", 60)
    rows = instruction_rows(
        (question, answer if n % 2 else f"{answer}\n\nWarm regards,\nMargit")
        for n, (question, answer) in enumerate(clean_pairs(240, seed=6))
    )
    draft, summary = scanned(tmp_path, rows)
    draft.close()
    assert summary.findings[Kind.FRAME] == 120
