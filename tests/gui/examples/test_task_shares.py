from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.examples.task_shares import TaskShares

AVAILABLE = {"docs.jsonl": 300, "log.jsonl": 100}


@pytest.fixture
def shares(qtbot: QtBot) -> TaskShares:
    made = TaskShares()
    qtbot.addWidget(made)
    made.show_shares(AVAILABLE, {})
    return made


def test_without_a_choice_everything_is_used(shares: TaskShares) -> None:
    assert {name: field.value() for name, field in shares.fields.items()} == {
        "docs.jsonl": 75,
        "log.jsonl": 25,
    }
    assert shares.shares() == {}
    assert not shares.reset.isEnabled()
    text = shares._uses["docs.jsonl"].text()
    assert text == "75% of the run: about 300 of 300 examples"


def test_a_changed_weight_says_what_is_used(shares: TaskShares, qtbot: QtBot) -> None:
    with qtbot.waitSignal(shares.changed):
        shares.fields["docs.jsonl"].setValue(25)
    assert shares.shares() == {"docs.jsonl": 25.0, "log.jsonl": 25.0}
    shares.show_shares(AVAILABLE, shares.shares())
    assert shares._uses["docs.jsonl"].text() == "50% of the run: about 100 of 300 examples"
    assert shares.fields["docs.jsonl"].value() == 25, "what was typed stays"
    with qtbot.waitSignal(shares.changed):
        shares.reset.click()
    assert shares.shares() == {}


def test_one_task_has_no_proportion(shares: TaskShares) -> None:
    shares.show_shares({"docs.jsonl": 300}, {})
    assert shares.isHidden()
    assert list(shares.fields) == ["docs.jsonl"]


def test_fields_are_named(shares: TaskShares) -> None:
    assert shares.fields["log.jsonl"].accessibleName() == "Weight of log.jsonl"
