from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from core.conversations.conversation import MOST_EXCHANGES, Conversation, Exchange
from core.errors import UserFacingError
from gui.chat.partners import Partners
from gui.chat.talk import Talk
from gui.chat.transcript.view import Transcript
from gui.wizard.session import Session
from tests.gui.chat.fake_model import Openers


def test_a_full_conversation_takes_no_more(project_session: Session, qtbot: QtBot) -> None:
    transcript, around = Transcript(), QObject()
    qtbot.addWidget(transcript)
    talk = Talk(project_session, transcript, Openers(), around)
    full = Conversation(exchanges=(Exchange(question="x"),) * MOST_EXCHANGES)
    talk.model.open("a", full)
    with pytest.raises(UserFacingError) as refused:
        talk.ask("One more?", Partners())
    assert refused.value.code == "chat.too_long"
    talk.start_new()
    assert not talk.model.is_worth_keeping
    talk.shut_down()
