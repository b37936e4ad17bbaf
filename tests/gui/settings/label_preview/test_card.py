from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from gui.settings.label_preview.card import LabelPreviewCard
from gui.settings.label_preview.check import LongerLimit
from tests.gui.settings.label_preview.labels import preview


@pytest.fixture
def card(qtbot: QtBot) -> LabelPreviewCard:
    made = LabelPreviewCard()
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_sound_check_needs_nothing(card: LabelPreviewCard) -> None:
    card.show_preview(preview(), 64, None)
    assert card.status.text() == "Every example can be learned, and none is cut off."
    assert card.property("card") == "good"
    assert not card.drop.isVisible()
    assert not card.longer.isVisible()
    assert "What the model will learn from" in card.accessibleName()


def test_what_was_done_for_the_template_is_told_below(card: LabelPreviewCard) -> None:
    card.show_preview(preview(notes={"system_in_question": 4}), 64, None)
    assert card.property("card") == "good"
    assert "before the question. (4 of 6 examples)" in card.more.text()


def test_what_the_model_would_not_see_is_a_warning(card: LabelPreviewCard) -> None:
    card.show_preview(preview(notes={"lost_tool": 2, "several_texts": 1}), 64, None)
    assert card.property("card") == "warning"
    assert "leaves out what a tool returned" in card.status.text()
    assert "(2 of 6 examples)" in card.status.text()
    assert "leaves out" not in card.more.text()


def test_what_is_lost_is_named_and_can_be_left_out(card: LabelPreviewCard, qtbot: QtBot) -> None:
    card.show_preview(preview(faulty=2), 64, None)
    assert "a.jsonl, line 5" in card.status.text()
    assert card.property("card") == "problem"
    assert card.drop.text() == "Leave these 2 out"
    with qtbot.waitSignal(card.leave_out):
        card.drop.click()


def test_a_longer_limit_is_offered_with_its_cost(card: LabelPreviewCard, qtbot: QtBot) -> None:
    offer = LongerLimit(128, "fits", "Needs about 9.1 GB instead of 8.2 GB.")
    card.show_preview(preview(long=2), 30, offer)
    assert card.property("card") == "warning"
    assert card.longer.text() == "Raise the limit to 128 tokens"
    assert card._needs.text() == "Needs about 9.1 GB instead of 8.2 GB."
    with qtbot.waitSignal(card.limit_chosen) as chosen:
        card.longer.click()
    assert chosen.args == [128]
    too_much = LongerLimit(128, "wont_fit", "Needs about 90 GB, more than is free.")
    card.show_preview(preview(long=2), 30, too_much)
    assert not card.longer.isEnabled()


def test_nothing_at_all_to_learn_cannot_be_left_out(card: LabelPreviewCard) -> None:
    card.show_preview(preview(faulty=6), 64, None)
    assert not card.drop.isVisible()


def test_waiting_checking_and_an_error(card: LabelPreviewCard, qtbot: QtBot) -> None:
    card.show_waiting()
    with qtbot.waitSignal(card.look_again):
        card.again.click()
    card.show_waiting(checking=True)
    assert not card.again.isVisible()
    card.show_error(UserFacingError("model.no_tokenizer", "No tokenizer.", "Download it again."))
    assert card.again.isVisible()
    assert card.more.text() == "Download it again."


def test_the_examples_unfold(card: LabelPreviewCard) -> None:
    card.show_preview(preview(), 64, None)
    assert not card.view.isVisible()
    card.look.click()
    assert card.view.isVisible()
    card.show_preview(preview(), 32, None)
    assert card.view.isVisible(), "stays open when the limit changes"
