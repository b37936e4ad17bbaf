"""What a template shows is found out by trying it; the rest moves into the question beside it."""

import pytest

from core.chat.template import KnownTemplate
from core.chat.turns import chat, fitted, mark, traits_of
from core.data.example import Message
from tests.core.training.shapes import SHAPES

SYSTEM, TOOL = Message("system", "s"), Message("tool", "t")
Q, A = Message("user", "q"), Message("assistant", "a")


def traits(name):
    return traits_of(KnownTemplate(SHAPES[name], {}))


@pytest.mark.parametrize(
    ("name", "shows"),
    [
        ("qwen-thinking", {"system", "later_system", "tool", "reasoning", "answer_first"}),
        ("r1-distill", {"system", "later_system", "tool", "reasoning", "answer_first"}),
        ("mistral", set()),
        ("phi", {"system", "later_system", "answer_first"}),
        ("gemma", set()),
        ("harmony", {"system", "later_system", "tool", "reasoning", "answer_first"}),
        ("parts", {"parts", "system", "later_system", "tool", "answer_first"}),
        ("json-tools", {"system", "later_system", "tool", "answer_first"}),
    ],
)
def test_what_a_template_shows(name, shows):
    found = traits(name)
    names = ("parts", "system", "later_system", "tool", "reasoning", "answer_first")
    assert {trait for trait in names if getattr(found, trait)} == shows


def test_what_stands_around_an_answer():
    assert traits("phi").tail == "<|end|>\n<eos>"
    assert traits("phi").gap == "<|end|>\n<|user|>\n"
    assert traits("phi").opening == "<|assistant|>\n"
    assert traits("gemma").opening.startswith("<bos><start_of_turn>user\n<end_of_turn>")
    assert mark("x") != mark("y")


def roles(name, *turns):
    found, notes = fitted(turns, traits(name))
    return [(turn.role[0], turn.content) for turn in found], set(notes)


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ((SYSTEM, Q, A), [("u", "s\n\nq"), ("a", "a")]),
        ((SYSTEM, SYSTEM, Q, A), [("u", "s\n\ns\n\nq"), ("a", "a")]),
        ((SYSTEM, A), [("u", "s"), ("a", "a")]),
        ((Q, SYSTEM, A), [("u", "q\n\ns"), ("a", "a")]),
        ((Q, A, SYSTEM, Q, A), [("u", "q"), ("a", "a"), ("u", "s\n\nq"), ("a", "a")]),
        ((Q, A, TOOL, TOOL, A), [("u", "q"), ("a", "a"), ("u", "t\n\nt"), ("a", "a")]),
        ((Q, Q, A), [("u", "q"), ("u", "q"), ("a", "a")]),
        ((A,), [("u", ""), ("a", "a")]),
        ((), [("u", "")]),
    ],
)
def test_what_a_strict_template_gets(turns, expected):
    assert roles("gemma", *turns)[0] == expected


def test_what_moves_is_noted():
    assert roles("gemma", SYSTEM, Q, A)[1] == {"system_in_question"}
    assert roles("gemma", Q, A, TOOL, A)[1] == {"tool_in_question"}
    assert roles("phi", SYSTEM, Q, A) == ([("s", "s"), ("u", "q"), ("a", "a")], set())


def test_reasoning_inside_an_answer_is_taken_out_where_there_is_a_place_for_it():
    inside = Message("assistant", "<think>\nhm\n</think>\n\nSo.")
    (_, apart), _ = fitted((Q, inside), traits("harmony"))
    assert (apart.reasoning, apart.content) == ("hm", "So.")
    (_, same), _ = fitted((Q, inside), traits("phi"))
    assert same == inside
    for text in ("<think></think>So.", "a </think> b", "<think>open"):
        turn = Message("assistant", text)
        assert fitted((Q, turn), traits("harmony"))[0][1] == turn


def test_messages_as_templates_want_them():
    thought = Message("assistant", "a", reasoning="r")
    (turn,) = chat([thought])
    assert turn["reasoning_content"] == turn["reasoning"] == turn["thinking"] == "r"
    assert chat([Q]) == [{"role": "user", "content": "q"}]
    assert chat([Q], parts=True)[0]["content"] == [{"type": "text", "text": "q"}]
