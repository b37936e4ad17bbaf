from __future__ import annotations

from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from core.wizard import Step
from gui.comparison.next_steps import NextSteps


def rated(outcome: str) -> SimpleNamespace:
    totals = SimpleNamespace(verdict=SimpleNamespace(outcome=outcome))
    return SimpleNamespace(totals=lambda: totals)


@pytest.mark.parametrize(
    ("outcome", "begins", "helps"),
    [
        ("better", "Save the fine-tune", False),
        ("probably_better", "Save the fine-tune", False),
        ("not_enough", "Your ratings do not settle it.", True),
        ("probably_worse", "This fine-tune is not the better one.", True),
        ("worse", "This fine-tune is not the better one.", True),
    ],
)
def test_it_follows_the_result(outcome: str, begins: str, helps: bool, qtbot: QtBot) -> None:
    steps = NextSteps()
    qtbot.addWidget(steps)
    steps.show_state(rated(outcome), revealed=False)  # type: ignore[arg-type]
    assert steps.text.text().startswith("Rate the answers blind."), "the result is hidden"
    assert steps.chat.isHidden()
    steps.show_state(rated(outcome), revealed=True)  # type: ignore[arg-type]
    assert steps.text.text().startswith(begins)
    assert not steps.chat.isHidden()
    assert steps.settings.isHidden() is not helps
    steps.show_state(None, revealed=False)
    assert steps.text.text().startswith("Save the fine-tune"), "nothing can be rated"
    with qtbot.waitSignal(steps.wanted) as wanted:
        steps.examples.click()
    assert wanted.args == [Step.EXAMPLES]
