import json

import pytest

from core.data.example import Example, Message, Source, from_json, to_json
from tests.core.data.examples import ask, example


@pytest.mark.parametrize(
    "item",
    [
        ask("How?", "So."),
        example(("system", "s"), ("user", "ü 漢 🙂"), ("assistant", ""), task="code"),
        Example((), Source("größe.csv", 7)),
        Example(
            (Message("assistant", "a", False), Message("assistant", "b", True)), Source("f", 1)
        ),
        Example((Message("assistant", "4", reasoning="2 and 2"),), Source("f", 1)),
    ],
)
def test_examples_survive_json(item):
    assert from_json(json.loads(json.dumps(to_json(item)))) == item


def test_what_is_trained():
    assert Message("assistant", "a").is_trained
    assert not Message("assistant", "a", False).is_trained
    assert not Message("user", "a").is_trained
    assert not Message("user", "a", True).is_trained


def test_question_and_answer():
    item = example(("system", "s"), ("user", "q"), ("assistant", "a"))
    assert (item.question, item.answer) == ("s\n\nq", "a")
    assert (Example((), Source("f", 1)).answer, ask("", "a").question) == ("", "")


@pytest.mark.parametrize("record", [{}, {"messages": 3}, {"messages": [], "source": None}])
def test_foreign_records_are_refused(record):
    with pytest.raises((KeyError, TypeError)):
        from_json(record)
