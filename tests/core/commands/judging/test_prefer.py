"""Learning from ratings as you type it."""

import json

import pytest

from core.cli import main
from core.queue.entries import load_queue
from tests.core.commands.typed import said
from tests.core.preferences.rated import rate_numbers


@pytest.fixture
def prefer(own_copy):
    return lambda *arguments: main(["prefer", "--project", str(own_copy.root), *arguments])


def test_what_there_is_to_learn_from(prefer, own_copy, capsys):
    rate_numbers(own_copy, "train-001", 12)
    assert prefer("--list") == 0
    assert capsys.readouterr().out.splitlines() == [
        "12 answers preferred to another",
        "There are 12 ratings to learn from. At least 20 are needed.",
    ]
    assert prefer() == 1
    assert "Rate more answers" in said(capsys)


def test_it_is_queued(prefer, own_copy, capsys):
    rate_numbers(own_copy, "train-001", 24)
    assert prefer("--list", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["kinds"] == {"pair": 24} and found["refused"] == ""
    assert prefer("--queue") == 0
    assert "Begins with “train-001”" in said(capsys)
    assert [item.run for item in load_queue(own_copy)] == ["train-002"]


def test_it_is_done(prefer, own_copy, capsys):
    rate_numbers(own_copy, "train-001", 24)
    values = (
        "--set",
        "max_steps=2",
        "--set",
        "learning_rate=0.005",
        "--set",
        "sample_answers=false",
    )
    assert prefer("--run", "train-001", *values) == 0
    assert "Done after 2 steps" in capsys.readouterr().out
