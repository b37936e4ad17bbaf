import pytest

from core.data.cleaning import Choices, ReviewDecision, RowAction, RowChoice
from core.data.draft import Draft, ScanOptions
from core.data.findings.kinds import Action, Kind
from core.data.readers import ReadOptions
from core.data.scan import scan
from core.data.versions.carried import Decided, carried_over, decided
from tests.core.data.examples import clean_pairs, instruction_rows, write_jsonl

DROP = RowChoice(action=RowAction.DROP)
KEEP = RowChoice(action=RowAction.KEEP)
CHOICES = (
    Choices()
    .with_action(Kind.PERSONAL_DATA, Action.FIX)
    .with_row(2, DROP)
    .with_row(5, KEEP)
    .with_verdict(7, ReviewDecision.FLAG)
)


@pytest.fixture
def rows():
    return instruction_rows(clean_pairs(20, seed=4))


def read(tmp_path, *files, **options):
    scan(files, ScanOptions(read=ReadOptions(**options)), tmp_path / "draft")
    return Draft(tmp_path / "draft")


def known(tmp_path, path):
    """Return what was decided, as the project keeps it."""
    with read(tmp_path, path) as draft:
        kept = decided(draft, CHOICES).model_dump(mode="json")
    return Decided.model_validate(kept)


def test_files_behind_change_no_number(tmp_path, rows):
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    before = known(tmp_path, path)
    more = write_jsonl(tmp_path / "b.jsonl", instruction_rows(clean_pairs(5, seed=9)))
    with read(tmp_path, path, more) as draft:
        assert carried_over(before, draft) == CHOICES


def test_rows_that_moved_are_found_by_their_words(tmp_path, rows):
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    before = known(tmp_path, path)
    new = instruction_rows([("Who sang first?", "Margit did.")])
    write_jsonl(path, [*new, *rows[:5], *rows[6:]])
    with read(tmp_path, path) as draft:
        choices = carried_over(before, draft)
    assert choices.actions == CHOICES.actions
    assert choices.rows == {3: DROP}, "row 5 is gone"
    assert choices.reviewed == {7: ReviewDecision.FLAG}


def test_the_one_of_equal_rows_is_meant_that_stands_nearest(tmp_path, rows):
    rows[9] = rows[2]
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    before = known(tmp_path, path)
    write_jsonl(path, [*instruction_rows([("Who?", "Margit.")]), *rows])
    with read(tmp_path, path) as draft:
        assert 3 in carried_over(before, draft).rows


def test_rows_that_are_read_in_other_words_are_found_by_their_place(tmp_path):
    path = tmp_path / "a.csv"
    lines = ["Frage;Antwort"] + [f"Wo ist Nummer {n}?;Drüben in {n}." for n in range(12)]
    path.write_bytes("\n".join(lines).encode("cp1252"))
    before = known(tmp_path, path)
    with read(tmp_path, path, encoding="cp437") as draft:
        assert "Drüben" not in draft.row(2).answer
        assert carried_over(before, draft) == CHOICES


def test_other_files_inherit_nothing(tmp_path, rows):
    before = known(tmp_path, write_jsonl(tmp_path / "a.jsonl", rows))
    with read(tmp_path, write_jsonl(tmp_path / "b.jsonl", rows)) as draft:
        assert carried_over(before, draft) is None
