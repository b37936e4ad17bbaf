from __future__ import annotations

from types import SimpleNamespace

from pytestqt.qtbot import QtBot

from gui.comparison.rating.block import RatingBlock, rated_in_words
from gui.comparison.rating.setup import RatingSetup
from gui.comparison.verdict_view import VerdictView


def test_it_says_how_far_the_rating_is_and_then_only_its_result(qtbot: QtBot) -> None:
    block = RatingBlock(RatingSetup(), VerdictView())
    qtbot.addWidget(block)
    block.show_state(None, revealed=False)
    assert block.isHidden(), "nothing can be rated"
    session = SimpleNamespace(rated=0, count=6)
    block.show_state(session, revealed=False)  # type: ignore[arg-type]
    assert not block.isHidden() and block.verdict.isHidden()
    assert block.status.text().startswith("6 questions wait.")
    block.show_state(session, revealed=True)  # type: ignore[arg-type]
    assert not block.verdict.isHidden() and block.status.isHidden()
    begun = SimpleNamespace(rated=2, count=6)
    assert rated_in_words(begun) == "You have rated 2 of 6 questions."  # type: ignore[arg-type]
