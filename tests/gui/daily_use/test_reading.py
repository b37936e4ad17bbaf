from __future__ import annotations

from gui.daily_use.reading import look_at
from gui.wizard.session import Session
from tests.gui.daily_use.uses import add_uses


def test_a_project_without_a_record_is_not_given_one(project_session: Session) -> None:
    project = project_session.require_project()
    seen = look_at(project, "", None)
    assert (seen.runs, seen.counts, seen.to_review) == ((), None, ())
    assert not project.use_file.exists()
    add_uses(project)
    seen = look_at(project, "", None)
    assert seen.counts is not None and seen.to_review
    assert seen.unlike is None, "there are no examples to compare with"
