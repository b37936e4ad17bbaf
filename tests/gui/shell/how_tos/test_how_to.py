from __future__ import annotations

from core import language
from core.language import PSEUDO
from gui.shell.how_tos.how_to import Step
from gui.shell.how_tos.texts import HOW_TOS


def test_controls_are_named_in_the_language_of_the_window() -> None:
    step = Step("Press “{undo}”.", {"undo": "Undo"})
    language.use(PSEUDO)
    try:
        assert language._("Undo") in step.said()
        assert "Undo" not in step.said()
    finally:
        language.use("en")


def test_they_are_found_by_title_words_and_steps() -> None:
    whatsapp = next(how_to for how_to in HOW_TOS if how_to.key == "chats")
    assert whatsapp.holds("WhatsApp")
    assert whatsapp.holds("own conversations")
    assert whatsapp.holds("learn from this person")
    assert not whatsapp.holds("whatsapp gguf")
