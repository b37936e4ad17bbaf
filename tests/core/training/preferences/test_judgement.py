"""The file of judgements is known by its hash and read as data."""

import pytest

from core.errors import UserFacingError
from core.project import RunFolder
from core.training.preferences.judgement import (
    Judgement,
    Reply,
    Turn,
    read_judgements,
    write_judgements,
)
from tests.core.training.preferences.examples import judgements


def test_what_is_written_is_read(tmp_path):
    run, written = RunFolder(tmp_path), judgements(9, ("pair", "good", "bad"))
    written[3] = written[3].model_copy(
        update={"held_out": True, "answer": Reply(text="Ja 🙂", reasoning="Hm.\n\u2028")}
    )
    known = write_judgements(run, written)
    assert read_judgements(run, known) == written
    assert run.judgements_file.stat().st_mode & 0o077 == 0


def test_another_file_is_refused(tmp_path):
    run = RunFolder(tmp_path)
    known = write_judgements(run, judgements(3))
    write_judgements(run, judgements(4))
    with pytest.raises(UserFacingError) as refusal:
        read_judgements(run, known)
    assert refusal.value.code == "preferences.damaged"


@pytest.mark.parametrize("changed", [{"kind": "good"}, {"other": None}])
def test_a_pair_has_a_partner_and_a_mark_has_none(tmp_path, changed):
    run = RunFolder(tmp_path)
    known = write_judgements(run, [judgements(1)[0].model_copy(update=changed)])
    with pytest.raises(UserFacingError) as refusal:
        read_judgements(run, known)
    assert refusal.value.code == "preferences.damaged"


def test_only_the_judged_answer_is_learned():
    turns = [("system", "Be brief."), ("user", "1?"), ("assistant", "2."), ("user", "And 2?")]
    judgement = Judgement(
        turns=tuple(Turn(role=role, content=text) for role, text in turns),
        kind="good",
        answer=Reply(text="3.", reasoning="2 + 1"),
    )
    example = judgement.example(judgement.answer)
    assert [m.is_trained for m in example.messages] == [False, False, False, False, True]
    assert example.messages[-1].reasoning == "2 + 1"
    assert judgement.question == example.question
