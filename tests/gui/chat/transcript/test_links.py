from __future__ import annotations

import pytest

from gui.chat.transcript.links import link_question


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "", "smb://a/b"])
def test_other_addresses_are_never_opened(address: str) -> None:
    assert link_question(address) is None


def test_the_harmless_answer_comes_first() -> None:
    question = link_question("https://example.org/" + "x" * 5000)
    assert question is not None
    assert question.answers[0][0] == "Do not open"
    assert len(question.what) < 600
