import numpy as np
import pytest

from core.data import draft as draft_module
from core.data.cleaning import Choices
from core.data.draft import Draft, ScanOptions, clear, has_draft, new_draft_folder
from core.data.example import BadRow, Example
from core.data.findings.kinds import Action, Kind
from core.data.scan import scan
from core.errors import UserFacingError
from tests.core.data.examples import clean_pairs, instruction_rows, scanned, write_jsonl

PAIRS = clean_pairs(60, seed=2)


@pytest.fixture
def rows():
    return instruction_rows(PAIRS)


def test_rows_in_any_order(tmp_path, rows):
    draft, _ = scanned(tmp_path, [*rows, "oops"])
    with draft:
        assert len(draft) == 61
        for number in np.random.default_rng(0).permutation(60):
            item = draft.row(int(number))
            assert isinstance(item, Example)
            assert (item.question, item.answer) == PAIRS[number]
        assert isinstance(draft.row(60), BadRow)
        some = list(draft.lines([3, 4, 9, 2]))
        assert [number for number, _ in some] == [3, 4, 9, 2]
        assert [line for _, line in some] == [draft.line(n) for n in (3, 4, 9, 2)]


def test_rows_of_a_kind_and_their_relatives(tmp_path, rows):
    rows[9] = rows[4]
    rows[12] = {**rows[6], "output": rows[6]["output"] + " Indeed."}
    rows[13] = {**rows[7], "output": "Quite another answer than the one that was given."}
    draft, summary = scanned(tmp_path, rows)
    with draft:
        assert draft.rows_of(Kind.EXACT_DUPLICATE).tolist() == [9]
        assert draft.relative(9, Kind.EXACT_DUPLICATE) == 4
        assert draft.relative(12, Kind.NEAR_DUPLICATE) == 6
        assert draft.relative(13, Kind.CONFLICT) == 7
        assert draft.relative(4, Kind.EXACT_DUPLICATE) == -1
        assert draft.relative(0, Kind.CONFLICT) == -1
        assert draft.relative(9, Kind.HTML) == -1
        for kind in Kind:
            assert len(draft.rows_of(kind)) == summary.findings.get(kind, 0)


def test_before_and_after(tmp_path, rows):
    rows[1]["output"] = "<p>It is  so.</p>"
    rows[2]["output"] = "lost \ufffd letter"
    rows[3]["output"] = "n/a"
    rows[4]["output"] = "It  is so. "
    draft, _ = scanned(tmp_path, [*rows, 17])
    with draft:
        before, after = draft.before_after(1, Kind.HTML)
        assert (before.answer, after.answer) == ("<p>It is  so.</p>", "It is so.")
        before, after = draft.before_after(4, Kind.WHITESPACE)
        assert (before.answer, after.answer) == ("It  is so. ", "It is so.")
        assert draft.before_after(2, Kind.BROKEN_TEXT)[1] is None
        assert draft.before_after(3, Kind.TRIVIAL)[1] is None
        before, after = draft.before_after(60, Kind.MALFORMED_ROW)
        assert isinstance(before, BadRow)
        assert after is None


def test_the_plan_follows_the_choices_at_once(tmp_path, rows):
    rows[9] = rows[4]
    draft, _ = scanned(tmp_path, rows)
    with draft:
        assert draft.plan(Choices()).kept_count == 59
        ignore = Choices().with_action(Kind.EXACT_DUPLICATE, Action.IGNORE)
        assert draft.plan(ignore).kept_count == 60


def test_a_new_scan_replaces_the_draft_and_has_another_name(tmp_path, rows):
    draft, _ = scanned(tmp_path, rows)
    draft.close()
    path = write_jsonl(tmp_path / "other.jsonl", rows[:7])
    scan([path], ScanOptions(), tmp_path / "draft")
    with Draft(tmp_path / "draft") as new:
        assert len(new) == 7
        assert new.name != draft.name
        assert [p.name for p in (tmp_path / "draft").glob("scan-*")] == [new.name]


def test_a_scan_that_ends_leaves_alone_what_a_later_one_is_writing(tmp_path, rows):
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    scan([path], ScanOptions(), tmp_path / "draft")
    (first,) = (folder.name for folder in (tmp_path / "draft").glob("scan-*"))

    def begin_another(phase, done, total):
        if not later:
            later.append(new_draft_folder(tmp_path / "draft").folder)

    later = []
    scan([path], ScanOptions(), tmp_path / "draft", begin_another)
    left = {folder.name for folder in (tmp_path / "draft").glob("scan-*")}
    with Draft(tmp_path / "draft") as draft:
        assert left == {draft.name, later[0].name}
    assert first not in left


def test_a_draft_that_is_replaced_while_it_is_opened_is_the_new_one(tmp_path, rows, monkeypatch):
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    scan([path], ScanOptions(), tmp_path / "draft")
    real, replaced = draft_module.mapped, []

    def replace_then_map(file, *how):
        if file.name == "offsets.npy" and not replaced:
            replaced.append(file.parent.name)
            scan([path], ScanOptions(), tmp_path / "draft")
        return real(file, *how)

    monkeypatch.setattr(draft_module, "mapped", replace_then_map)
    with Draft(tmp_path / "draft") as draft:
        assert draft.name not in replaced
        assert isinstance(draft.row(3), Example)


def test_a_draft_without_one_of_its_files_names_no_folder_of_its_own(tmp_path, rows):
    draft, _ = scanned(tmp_path, rows)
    draft.close()
    (draft.folder / "offsets.npy").unlink()
    with pytest.raises(UserFacingError) as refused:
        Draft(draft.folder.parent)
    assert refused.value.code == "draft.damaged"


def test_clear(tmp_path, rows):
    draft, _ = scanned(tmp_path, rows)
    draft.close()
    assert has_draft(tmp_path / "draft")
    clear(tmp_path / "draft")
    assert not has_draft(tmp_path / "draft")
    assert not list((tmp_path / "draft").iterdir())


@pytest.mark.parametrize(
    "content", [None, "{", "[]", "{}", '{"format": 99, "folder": "x", "summary": {}}']
)
def test_no_draft_or_a_damaged_one(tmp_path, content):
    if content is not None:
        (tmp_path / "draft.json").write_text(content, encoding="utf-8")
    assert not has_draft(tmp_path)
    with pytest.raises(UserFacingError) as caught:
        Draft(tmp_path)
    assert caught.value.code == "draft.missing"


def test_a_pointer_never_leaves_the_draft_folder(tmp_path, rows):
    draft, _ = scanned(tmp_path, rows)
    draft.close()
    pointer = tmp_path / "draft" / "draft.json"
    name = draft.name
    pointer.write_text(pointer.read_text(encoding="utf-8").replace(name, f"../draft/{name}"))
    assert refused(tmp_path) == "draft.missing"


def refused(folder):
    with pytest.raises(UserFacingError) as refusal:
        Draft(folder / "draft")
    return refusal.value.code


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("facts", np.zeros(60)),
        ("offsets", np.zeros(60, dtype=np.int64)),
        ("exact", np.full(60, 60, dtype=np.int64)),
        ("near", np.full(60, -2, dtype=np.int64)),
        ("question", np.zeros((60, 2), dtype=np.int64)),
    ],
)
def test_arrays_that_lead_nowhere_are_damage(tmp_path, rows, name, array):
    draft, _ = scanned(tmp_path, rows)
    draft.close()
    np.save(tmp_path / "draft" / draft.name / f"{name}.npy", array)
    assert refused(tmp_path) == "draft.damaged"


def test_a_row_without_end_is_damage(tmp_path, rows):
    draft, _ = scanned(tmp_path, rows)
    draft.close()
    offsets = np.arange(61, dtype=np.int64) * 10**12
    np.save(tmp_path / "draft" / draft.name / "offsets.npy", offsets)
    with Draft(tmp_path / "draft") as again, pytest.raises(UserFacingError) as refusal:
        again.row(3)
    assert refusal.value.code == "draft.damaged"


def test_near_index_is_that_of_the_scan(tmp_path, rows):
    draft, _ = scanned(tmp_path, rows)
    with draft:
        index = draft.near_index()
        assert len(index.sketch) == len(index.bands) == 60
        assert len(index.shingles.offsets) == 61
        assert len(index.shingles.row(59)) > 0
    draft, _ = scanned(tmp_path, [1, 2])
    with draft:
        assert len(draft.near_index().shingles.values) == 0
