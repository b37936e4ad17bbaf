from __future__ import annotations

from core.data.findings.kinds import HARMFUL, INFO, Action
from gui.examples.risk_question import risk_question


def test_what_was_found_is_named_and_each_answer_does_its_own() -> None:
    kind = next(iter(HARMFUL))
    said: list[object] = []
    question = risk_question(
        {kind: 1200}, lambda word, action: said.append((word, action)), lambda: said.append("look")
    )
    assert f"1,200 × {INFO[kind].title}" in question.what
    for _text, do in question.answers:
        do()
    assert said == [
        ("Hide: what a model may repeat", Action.FIX),
        "look",
        ("Keep: what a model may repeat", Action.IGNORE),
    ]
