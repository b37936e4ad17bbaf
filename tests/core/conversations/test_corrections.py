from __future__ import annotations

from pathlib import Path

import pytest

from core.conversations import store
from core.conversations.conversation import Answer, Conversation, Exchange
from core.conversations.corrections import write_corrections
from core.data.draft import Draft
from core.data.example import Example
from core.data.jobs import run_scan
from core.data.spec import ScanParams
from core.errors import UserFacingError
from core.jobs.link import JobLink
from core.project import Project


def test_a_corrected_answer_is_read_as_an_example(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "Projekt ü")
    said = Exchange(question="Which?", answers=(Answer(model="base", text="This."),))
    wrong = Answer(model="base", text="No.", corrected="Because of it.")
    talk = Conversation(
        system="Be short.", exchanges=(said, Exchange(question="Why?", answers=(wrong,)))
    )
    store.save(project.chats, store.new_name(), talk)
    path = write_corrections(project)
    folder = project.new_run("scan")
    with JobLink(folder) as link:
        run_scan(folder, ScanParams(paths=(str(path),)), link)
    with Draft(project.draft) as draft:
        example = draft.row(0)
    assert isinstance(example, Example)
    assert [(m.role, m.content, m.is_trained) for m in example.messages] == [
        ("system", "Be short.", False),
        ("user", "Which?", False),
        ("assistant", "This.", False),
        ("user", "Why?", False),
        ("assistant", "Because of it.", True),
    ]


def test_without_a_correction_there_is_no_file(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    with pytest.raises(UserFacingError) as refused:
        write_corrections(project)
    assert refused.value.code == "chat.nothing_corrected"
