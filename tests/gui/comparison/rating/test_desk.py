"""The rest is in the tests of the page."""

from core.errors import UserFacingError
from core.evaluation.rating import ratings as module
from core.evaluation.stored import read_evaluation
from gui.comparison.page import ComparisonPage
from gui.wizard.session import Session
from tests.gui import scenes


def test_ratings_that_cannot_be_opened_are_told(ready_session: Session, qtbot, monkeypatch):
    run = scenes.add_run(ready_session)
    scenes.finish_training(run, ready_session)
    scenes.write_evaluation(run)

    def refuse(_path: object) -> None:
        raise UserFacingError("ratings.busy", "Busy.", "Close it.")

    monkeypatch.setattr(module, "RatingsDatabase", refuse)
    page = ComparisonPage(ready_session)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.failed) as failed:
        page.enter()
    assert failed.args[0].code == "ratings.busy"
    assert page.rating.session is None
    assert not page._desk.is_finished
    assert read_evaluation(run).answers
    page.shut_down()
