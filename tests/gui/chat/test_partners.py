from __future__ import annotations

from pathlib import Path

from core.project import Project
from gui.chat import partners as module
from gui.chat.partners import Partners, look_at, partners_of
from gui.wizard.session import Session

A, B = Path("a"), Path("b")


def test_fine_tunes_of_one_base_are_loaded_together() -> None:
    tunes = tuple((f"train-{n:03d}", B if n == 2 else A) for n in range(12, 0, -1))
    found = Partners(tunes, A)
    loaded = found.loaded_with("train-003")
    assert loaded[0] == "train-003"
    assert len(loaded) == 8
    assert "train-002" not in loaded
    assert found.loaded_with("train-002") == ("train-002",)
    assert found.base_of("train-002") == B
    assert found.base_of("") == A
    assert found.several_bases


def test_without_a_fine_tune_the_base_answers(project_session: Session) -> None:
    project = project_session.require_project()
    assert partners_of(project, "") == Partners()
    assert partners_of(project, "/models/tiny").base == Path("/models/tiny")
    assert look_at(project, project_session.state) == (Partners(), "")


def test_a_base_that_was_moved_is_found(tuned: Session, monkeypatch, tmp_path: Path) -> None:
    def found(_project: Project, wanted: str) -> Path:
        return tmp_path / Path(wanted).name

    monkeypatch.setattr(module, "find_base", found)
    partners = partners_of(tuned.require_project(), tuned.state.base_model)
    assert partners.base_of("train-002") == tmp_path / "tiny"
    assert partners.base == tmp_path / "tiny"
