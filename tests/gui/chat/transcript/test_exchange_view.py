from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.conversations.conversation import Answer, Exchange
from gui.chat.transcript.exchange_view import ExchangeView

BOTH = Exchange(
    question="Which?",
    blind=True,
    answers=(Answer(model="train-001", text="One."), Answer(model="base", text="Two.", thumb="up")),
)


def test_a_blind_pair_can_be_judged_and_is_named_at_the_end(qtbot: QtBot) -> None:
    view = ExchangeView(0, BOTH.question, blind=True)
    qtbot.addWidget(view)
    view.show_kept(BOTH)
    assert [button.isChecked() for button in view.choices] == [False, True]
    with qtbot.waitSignal(view.picked) as picked:
        view.choices[0].click()
    assert picked.args == ["train-001"]
    assert [button.isChecked() for button in view.choices] == [True, False]
    view.reveal()
    assert [card.name.text() for card in view.cards] == ["train-001", "Base model"]
    assert not view.choices[0].isVisibleTo(view)
