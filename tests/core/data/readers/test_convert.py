import pytest

from core.data.readers.conversations.turns import UnfitRowError
from core.data.readers.convert import converter, task_of
from core.data.readers.shapes import Guess, guess_shape


def converted(row, guess=None):
    """Return ``(role, text)`` pairs of a row read in its own shape."""
    return [(m.role, m.content) for m in converter(guess or guess_shape([row]))(row)]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"instruction": "Add.", "input": "1, 2", "output": "3"}, ["Add.\n\n1, 2", "3"]),
        ({"instruction": "Add.", "input": "", "output": "3"}, ["Add.", "3"]),
        ({"instruction": "Add.", "response": "3"}, ["Add.", "3"]),
        ({"prompt": "Add.", "completion": "3"}, ["Add.", "3"]),
        ({"question": "Sum?", "context": "1, 2", "answer": "3"}, ["Sum?\n\n1, 2", "3"]),
        ({"Frage": "Summe?", "Antwort": "3"}, ["Summe?", "3"]),
        ({"question": "Sum?", "answers": ["3", "three"]}, ["Sum?", "3"]),
        ({"question": "Sum?", "answer": 3}, ["Sum?", "3"]),
        ({"question": "Sum?", "answer": None}, ["Sum?", ""]),
    ],
)
def test_flat_rows(row, expected):
    assert [text for _, text in converted(row)] == expected
    assert [role for role, _ in converted(row)] == ["user", "assistant"]


def test_system_column_comes_first():
    row = {"system": "Be brief.", "question": "Sum?", "answer": "3"}
    assert converted(row)[0] == ("system", "Be brief.")
    assert converted({**row, "system": ""}, guess_shape([row]))[0] == ("user", "Sum?")
    parts = [{"type": "text", "text": "Be "}, {"type": "text", "text": "brief."}]
    assert converted({**row, "system": parts})[0] == ("system", "Be brief.")


def test_history_becomes_earlier_turns():
    row = {"instruction": "And?", "output": "c", "history": [["q1", "a1"], ["q2", "a2"], "junk"]}
    texts = [text for _, text in converted(row)]
    assert texts == ["q1", "a1", "q2", "a2", "And?", "c"]


def test_sharegpt_roles():
    names = ["system", "human", "function_call", "observation", "gpt"]
    row = {"conversations": [{"from": name, "value": name} for name in names]}
    assert [role for role, _ in converted(row)] == [
        "system",
        "user",
        "assistant",
        "tool",
        "assistant",
    ]


def test_messages_with_parts_tool_calls_and_developer():
    call = [{"function": {"name": "f", "arguments": "{}"}}]
    row = {
        "messages": [
            {"role": "developer", "content": "Rules."},
            {"role": "user", "content": [{"type": "text", "text": "Hel"}, {"text": "lo"}, "!"]},
            {"role": "assistant", "content": None, "tool_calls": call},
            {"role": "tool", "content": "7"},
        ]
    }
    found = converted(row)
    assert found[0] == ("system", "Rules.")
    assert found[1] == ("user", "Hello!")
    assert found[2][0] == "assistant"
    assert '"name": "f"' in found[2][1]


@pytest.mark.parametrize("name", ["loss_weight", "weight", "train", "trained", "loss"])
def test_weights_of_messages(name):
    row = {
        "messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b", name: 0},
            {"role": "assistant", "content": "c", name: 1},
        ]
    }
    turns = converter(guess_shape([row]))(row)
    assert [turn.is_trained for turn in turns] == [False, False, True]


@pytest.mark.parametrize(
    "chosen",
    [
        "good",
        [{"role": "assistant", "content": "good"}],
        {"role": "assistant", "content": "good"},
        [{"role": "user", "content": "Which?"}, {"role": "assistant", "content": "good"}],
    ],
)
def test_preference_takes_the_chosen_answer(chosen):
    row = {"prompt": "Which?", "chosen": chosen, "rejected": "bad"}
    assert converted(row) == [("user", "Which?"), ("assistant", "good")]


def test_text_is_all_answer():
    assert converted({"text": "A story."}) == [("assistant", "A story.")]
    assert converted("A story.") == [("assistant", "A story.")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"messages": [{"role": "wizard", "content": "x"}]}, "unknown role “wizard”"),
        ({"messages": [{"role": 3, "content": "x"}]}, "unknown role “3”"),
        ({"messages": ["x"]}, "not an object with a role"),
        ({"messages": "x"}, "“messages”"),
        ({"other": 1}, "“messages”"),
        (17, "single value"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "only text can be learned",
        ),
    ],
)
def test_unfit_conversations_say_why(row, reason):
    with pytest.raises(UnfitRowError, match=reason.replace("(", r"\(").replace(")", r"\)")):
        converter(Guess("messages", {"messages": "conversation"}))(row)


@pytest.mark.parametrize("shape", ["question_answer", "text", "preference"])
@pytest.mark.parametrize("row", [{}, {"x": 1}, None, 3, []])
def test_unfit_flat_rows(shape, row):
    columns = {"text": {"t": "text"}}.get(shape, {"q": "question", "a": "answer"})
    with pytest.raises(UnfitRowError):
        converter(Guess(shape, columns))(row)


def test_unknown_shape_takes_nothing():
    with pytest.raises(UnfitRowError, match="question or an answer"):
        converter(Guess("unknown"))({"question": "a", "answer": "b"})


def test_task_of():
    assert task_of({"task": " code "}, ["task"]) == "code"
    assert task_of({"task": None}, ["task"]) == ""
    assert task_of({}, []) == ""
