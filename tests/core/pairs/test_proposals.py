import pytest

from core.data.example import Example
from core.data.readers import inspect_sources, read_rows
from core.errors import UserFacingError
from core.pairs import proposals
from core.pairs.proposals import (
    TASK,
    Proposal,
    accepted_file,
    proposals_file,
    read_proposals,
    write_examples,
    write_proposals,
)
from core.project import Project

PAIR = Proposal(
    question="How much water does the tank hold?",
    answer="It holds 120 litres.",
    passage="The tank holds 120 litres.",
    file="lark.pdf/page 4",
    line=9,
    model="Base",
)


def test_they_are_read_as_they_were_written_without_a_torn_line(tmp_path):
    path = tmp_path / "p.jsonl"
    decided = PAIR.model_copy(update={"decision": "accepted", "edited": True})
    write_proposals(path, [PAIR, decided])
    path.write_bytes(path.read_bytes() + b'{"question": "torn')
    assert read_proposals(path) == [PAIR, decided]
    assert read_proposals(tmp_path / "none") == []


def test_a_file_that_nobody_wrote_here_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(proposals, "_MOST", 3)
    (tmp_path / "p").write_text("four")
    with pytest.raises(UserFacingError) as caught:
        read_proposals(tmp_path / "p")
    assert caught.value.code == "pairs.too_many"


def test_examples_are_questions_and_answers_marked_as_generated(tmp_path):
    path = tmp_path / "out.jsonl"
    write_examples(path, [PAIR] * 3)
    inspection = inspect_sources([path])
    rows = [row.item for row in read_rows(inspection)]
    assert [type(row) for row in rows] == [Example] * 3
    assert [m.content for m in rows[0].messages] == [PAIR.question, PAIR.answer]
    assert rows[0].task == TASK
    assert "120 litres" in path.read_text() and "lark.pdf/page 4" in path.read_text()


def test_files_lie_in_the_run_and_the_fault_is_said(tmp_path):
    run = Project.create(tmp_path / "p").new_run("pairs")
    assert proposals_file(run).parent == accepted_file(run).parent == run.root
    assert PAIR.why_not == ""
    assert PAIR.model_copy(update={"fault": "number"}).why_not == "A number is not in the text."


def test_a_link_in_a_strangers_project_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text(PAIR.model_dump_json())
    (tmp_path / "p.jsonl").symlink_to(tmp_path / "secret")
    with pytest.raises(UserFacingError):
        read_proposals(tmp_path / "p.jsonl")
