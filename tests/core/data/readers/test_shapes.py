import pytest

from core.data.readers.shapes import guess_shape, is_turns

TURNS = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
FROM = [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]


@pytest.mark.parametrize(
    ("row", "shape", "columns"),
    [
        (
            {"instruction": "a", "input": "b", "output": "c"},
            "instruction",
            {"instruction": "question", "input": "context", "output": "answer"},
        ),
        (
            {"instruction": "a", "response": "c"},
            "instruction",
            {"instruction": "question", "response": "answer"},
        ),
        (
            {"prompt": "a", "completion": "c"},
            "prompt_completion",
            {"prompt": "question", "completion": "answer"},
        ),
        (
            {"id": 3, "Question": "a", "Answer": "c"},
            "question_answer",
            {"Question": "question", "Answer": "answer"},
        ),
        (
            {"input": "a", "output": "c"},
            "question_answer",
            {"input": "question", "output": "answer"},
        ),
        (
            {"user message": "a", "assistant-message": "c"},
            "question_answer",
            {"user message": "question", "assistant-message": "answer"},
        ),
        ({"conversations": FROM}, "conversations", {"conversations": "conversation"}),
        (
            {"messages": TURNS, "task": "x"},
            "messages",
            {"messages": "conversation", "task": "task"},
        ),
        ({"chat log": TURNS}, "messages", {"chat log": "conversation"}),
        (
            {"prompt": "a", "chosen": "b", "rejected": "c"},
            "preference",
            {"chosen": "answer", "prompt": "question"},
        ),
        ({"text": "a"}, "text", {"text": "text"}),
        (
            {"question": "a", "answer": "b", "category": "x", "system": "s"},
            "question_answer",
            {"question": "question", "answer": "answer", "system": "system", "category": "task"},
        ),
    ],
)
def test_shapes_by_name(row, shape, columns):
    guess = guess_shape([row] * 3)
    assert guess.shape == shape
    assert guess.columns == columns
    assert guess.confidence >= 0.7


def test_two_wordy_columns_are_a_weak_guess():
    rows = [{"nr": 1, "foo": "why so " * 5, "bar": "because of " * 9}] * 5
    guess = guess_shape(rows)
    assert guess.columns == {"foo": "question", "bar": "answer"}
    assert guess.confidence < 0.6


def test_dates_numbers_and_links_are_neither_question_nor_answer():
    rows = [
        {
            "nr": f"{n}",
            "sent": f"March {n + 1}, 2024 10:0{n}am",
            "day": f"2024-03-0{n + 1}T10:00:00Z",
            "link": f"https://example.org/{n}",
            "said": "because of " * 9,
        }
        for n in range(5)
    ]
    guess = guess_shape(rows)
    assert guess.columns == {"said": "text"}
    assert guess.confidence < 0.5


@pytest.mark.parametrize("rows", [[], [1, 2], [None], [{}], [{"n": 1}], [[1, 2]], [[]]])
def test_nothing_is_guessed_from_nothing(rows):
    guess = guess_shape(rows)
    assert guess.shape == "unknown"
    assert guess.confidence == 0


def test_lists_and_strings_as_rows():
    assert guess_shape([TURNS, TURNS]).shape == "messages"
    assert guess_shape(["a", "b", {"c": 1}]).shape == "text"


def test_is_turns():
    assert is_turns(TURNS)
    assert is_turns(FROM)
    assert not is_turns([])
    assert not is_turns([{"text": "a"}])
    assert not is_turns("messages")


def test_a_few_rows_of_another_shape_do_not_decide():
    flat = {"question": "a", "answer": "b"}
    others = ({"messages": TURNS}, {"conversations": FROM}, {"prompt": "a", "completion": "b"},
              {"prompt": "a", "chosen": "b", "rejected": "c"})  # fmt: skip
    for other in others:
        assert guess_shape([other] * 2 + [flat] * 5).shape == "question_answer"
        assert guess_shape([flat] * 2 + [other] * 5).shape == guess_shape([other]).shape


def test_optional_columns_are_found_in_few_rows():
    rows = [{"instruction": "a", "output": "c"}] * 9 + [
        {"instruction": "a", "input": "b", "output": "c", "system": "s"}
    ]
    assert set(guess_shape(rows).columns.values()) == {"question", "context", "answer", "system"}


def test_translations_go_from_the_first_language_to_the_second():
    rows = [{"translation": {"en": f"Hello {n}", "de": f"Hallo {n}"}} for n in range(3)]
    guess = guess_shape(rows)
    assert guess.columns == {"translation.en": "question", "translation.de": "answer"}
    assert guess.confidence == 0.5
    assert guess_shape([{"translation": {"en": "a", "de": "b", "fr": "c"}}]).shape == "unknown"


def test_rows_that_all_lack_the_guessed_column_end_the_search():
    nested = {"chosen": {"messages": []}, "rejected": "x"}
    turns = [{"role": "user", "text": "x"}, {"role": "assistant", "text": "y"}]
    for rows in (
        [nested, {"conversations": turns}],
        [
            {"conversations": turns},
            nested,
            {"inputs": {"question": "a"}, "outputs": {"answer": "b"}},
        ],
        [{"chosen": []}, {"responses": []}, {"responses": "text", "rejected": "hi"}],
    ):
        assert guess_shape(rows * 50).shape
