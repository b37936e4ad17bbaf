from __future__ import annotations

from core.conversations.conversation import Answer
from core.generation.spec import Ask, Done, Turn
from core.serving.use.record import UseRecord
from gui.chat.use_notes import UseNotes
from gui.wizard.session import Session


def test_a_thumb_comes_after_its_answer(project_session: Session) -> None:
    project = project_session.require_project()
    notes = UseNotes(project)
    for n in range(5):
        ask = Ask(id=f"r{n}", messages=(Turn(role="user", content=f"{n}?"),))
        notes.finished(ask, "Yes.", Done(id=ask.id, reason="stop", tokens=2, seconds=1.0))
        notes.judged(Answer(model="base", text="Yes.", thumb="down", request=ask.id))
    notes.judged(Answer(model="base", text="Yes.", thumb="up", request="unknown"))
    notes.close()
    with UseRecord(project) as record:
        assert [use.mark for use in record.newest()] == ["wrong"] * 5
        assert {use.source for use in record.newest()} == {"chat"}


def test_without_an_answer_there_is_no_thread(project_session: Session) -> None:
    notes = UseNotes(project_session.require_project())
    notes.close()
    assert not project_session.require_project().use_file.exists()
