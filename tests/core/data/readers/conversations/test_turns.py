import pytest

from core.data.readers.conversations.turns import (
    UnfitRowError,
    holds_conversation,
    is_turns,
    plain,
    read_turns,
)


def test_plain_values():
    assert plain(True) == "True"
    assert plain(["a"]) == "a"
    assert plain({"ü": [1, None]}) == '{"ü": [1, null]}'


def test_a_value_that_cannot_be_written_is_an_unfit_row():
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(UnfitRowError, match="cannot be written"):
        plain(deep)


@pytest.mark.parametrize(
    "value",
    [
        [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
        [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}],
        [{"speaker": "User", "text": "a"}, {"speaker": "Bot", "text": "b"}],
        [{"human": "a", "assistant": "b"}],
        ["a", "b"],
        '[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]',
        "[{'from': 'human', 'value': 'a'}, {'from': 'gpt', 'value': 'b'}]",
        {"role": ["user", "assistant"], "content": ["a", "b"]},
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]},
        "### Human: a### Assistant: b",
    ],
)
def test_forms_of_conversations(value):
    assert holds_conversation(value)
    found = [(turn.role, turn.content) for turn in read_turns(value)]
    assert found == [("user", "a"), ("assistant", "b")]


@pytest.mark.parametrize(
    "value",
    [
        None,
        3,
        "",
        "text",
        [],
        [3],
        {"a": 1},
        "[1",
        "[" * 9999,
        ["x"],
        "{0}",
        "[{1}]",
        "{(1, 2): 3}",
        "['\\d']",
    ],
)
def test_other_values_are_no_conversations(value):
    assert not holds_conversation(value)


def test_is_turns():
    assert is_turns([{"role": "user"}])
    assert not is_turns([{"human": "a", "assistant": "b"}])
