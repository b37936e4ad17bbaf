import pytest

from core.data.readers.conversations.turn_forms import are_odd_turns, canonical, is_turn

WROTE = {"type": "text", "text": "Hello."}


@pytest.mark.parametrize(
    ("item", "role", "content"),
    [
        ({"human": "Hi."}, "human", "Hi."),
        (["assistant", "Hi."], "assistant", "Hi."),
        ({"type": "ai", "content": "Hi."}, "ai", "Hi."),
        ({"type": "human", "data": {"content": "Hi.", "id": 1}}, "human", "Hi."),
        ({"name": "B", "is_user": False, "mes": "Arr."}, "assistant", "Arr."),
        ({"name": "R", "is_user": True, "is_system": False, "mes": "Sir."}, "user", "Sir."),
        ({"label": True, "text": "So."}, "assistant", "So."),
        ({"versions": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}],
          "currentlySelected": 1}, "user", "b"),
        ({"versions": [{"role": "assistant", "steps": [{"content": [WROTE]}, {"x": 1}]}]},
         "assistant", [WROTE]),
    ],
)  # fmt: skip
def test_forms_of_a_turn(item, role, content):
    turn = canonical(item)
    assert (turn["role"], turn["content"]) == (role, content)


@pytest.mark.parametrize(
    "item",
    [{}, [], "x", {"a": "b"}, {"human": 3}, ["x", "y"], ["user", 3], {"versions": []},
     {"type": "ai"}, {"type": ["ai"], "content": "x"}, {"label": 1, "text": "x"},
     {"versions": [{"steps": []}], "currentlySelected": 5}],
)  # fmt: skip
def test_other_values_are_no_turns(item):
    assert canonical(item) is None
    assert not is_turn(item)


def test_one_key_alone_may_be_anything():
    assert not are_odd_turns([{"answer": "x"}, {"answer": "y"}])
    assert are_odd_turns([{"question": "x"}, {"answer": "y"}])
    assert not are_odd_turns([])
