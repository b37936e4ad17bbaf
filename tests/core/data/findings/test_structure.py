import time

import pytest

from core.data.example import Message
from core.data.findings.structure import (
    has_bad_order,
    in_order,
    is_echo,
    is_empty,
    is_json_answer,
    is_trivial,
    is_unlearnable,
    unwrapped_answer,
)
from tests.core.data.examples import INNOCENT, ask, example


def messages(*roles):
    return example(*((role, f"text {n}") for n, role in enumerate(roles))).messages


def of(question, answer):
    return ask(question, answer).messages


@pytest.mark.parametrize(
    ("question", "answer", "empty"),
    [("a", "b", False), ("a", "", True), ("", "b", True), ("a", " \n\u00a0", True)],
)
def test_empty(question, answer, empty):
    assert is_empty(of(question, answer)) is empty


def test_empty_corner_cases():
    assert is_empty(())
    assert is_empty(messages("system"))
    assert not is_empty(messages("assistant"))


@pytest.mark.parametrize(
    "answer",
    [
        "N/A",
        "n/a.",
        "TODO",
        "None",
        "...",
        "-",
        "???",
        "ok",
        "idk",
        "test",
        "lorem ipsum dolor",
        "I don't know.",
        "No answer",
        "<noinput>",
        "Lorem ipsum " * 20,
    ],
)
def test_trivial_answers(answer):
    assert is_trivial(of("What is the capital of France?", answer))


def test_a_chat_that_ends_in_ok_still_says_something():
    said = of("When do I cut hydrangeas?", "In March, above the first buds.")
    ended = (*said, *of("Thanks", "ok"))

    assert not is_trivial(ended)
    assert is_trivial((*of("Hi", "ok"), *of("Thanks", "ok")))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        *INNOCENT,
        ("2+2?", "4"),
        ("Left or right?", "Left"),
        ("Emoji?", "🙂"),
        ("Which operator?", "+"),
        ("Which character ends a sentence?", "."),
        ("Yes or no?", "No."),
        ("日本の首都は?", "東京"),
    ],
)
def test_short_answers_are_not_trivial(question, answer):
    assert not is_trivial(of(question, answer))


@pytest.mark.parametrize(
    "roles",
    [
        ("user", "assistant"),
        ("system", "user", "assistant"),
        ("assistant",),
        ("user", "assistant", "user", "assistant"),
        ("user", "assistant", "tool", "assistant"),
        ("user", "assistant", "tool", "tool", "assistant"),
    ],
)
def test_good_order(roles):
    assert not has_bad_order(messages(*roles))


@pytest.mark.parametrize(
    ("roles", "repaired"),
    [
        (("assistant", "user", "assistant"), ("user", "assistant")),
        (("user", "user", "assistant"), ("user", "assistant")),
        (("user", "assistant", "user"), ("user", "assistant")),
        (("user", "assistant", "assistant"), ("user", "assistant")),
        (("user", "assistant", "system"), ("system", "user", "assistant")),
        (("user", "system", "assistant", "system"), ("system", "user", "assistant")),
    ],
)
def test_bad_order_is_put_in_order(roles, repaired):
    assert has_bad_order(messages(*roles))
    found = in_order(messages(*roles))
    assert tuple(m.role for m in found) == repaired
    assert not has_bad_order(found)


@pytest.mark.parametrize("roles", [(), ("user",), ("system",), ("user", "user"), ("tool", "user")])
def test_hopeless_order(roles):
    assert has_bad_order(messages(*roles))
    assert has_bad_order(in_order(messages(*roles)))


def test_joined_turns_keep_their_texts_and_reasoning():
    turns = (
        Message("user", "a"),
        Message("assistant", "b"),
        Message("assistant", "c", reasoning="because"),
    )
    joined = in_order(turns)[1]
    assert joined.content == "b\n\nc"
    assert joined.reasoning == "because"
    assert joined.is_trained


def test_an_answer_that_must_not_be_learned_is_not_joined_with_one_that_is():
    asked = Message("user", "a")
    draft, final = Message("assistant", "b", False), Message("assistant", "c")
    assert in_order((asked, draft, final)) == (asked, final)
    assert in_order((asked, draft, draft))[1] == Message("assistant", "b\n\nb", False)
    silent = Message("user", "x", False)
    assert in_order((silent, asked, final))[0].content == "x\n\na"


def test_thousands_of_turns_of_one_speaker_are_joined_in_linear_time():
    turns = [Message("assistant", "no")] * 200_000
    turns += [Message("user", "word " * 20)] * 200_000 + [Message("assistant", "yes")]
    begin = time.process_time()
    assert len(in_order(turns)) == 2
    assert time.process_time() - begin < 5


@pytest.mark.parametrize(
    ("question", "answer", "echo"),
    [
        ("What is it?", "what  is IT?", True),
        ("What is it?", "What is it? A cat.", False),
        ("Repeat: a", "a", False),
        ("", "", False),
    ],
)
def test_echo(question, answer, echo):
    assert is_echo(of(question, answer)) is echo


def test_unlearnable():
    assert is_unlearnable(())
    assert is_unlearnable(messages("user"))
    assert is_unlearnable((Message("user", "a"), Message("assistant", "b", False)))
    assert not is_unlearnable(messages("user", "assistant"))


@pytest.mark.parametrize(
    ("answer", "is_json"),
    [
        ('{"a": 1}', True),
        ('[{"a": 1}]', True),
        (' {"a": [1]}\n', True),
        ("[1, 2]", False),
        ("{a}", False),
        ("[note]", False),
        ("plain", False),
        ("", False),
        ("[" * 5000 + "]" * 5000, False),
    ],
)
def test_json_answers(answer, is_json):
    assert is_json_answer(answer) is is_json


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ('{"summary": "short"}', "short"),
        ('[{"a": {"b": "deep"}}]', "deep"),
        ('{"a": "x", "b": "y"}', None),
        ('{"a": 1}', None),
        ('{"a": " "}', None),
        ("plain", None),
        ("[" * 5000, None),
    ],
)
def test_unwrapped_answer(answer, text):
    assert unwrapped_answer(answer) == text
