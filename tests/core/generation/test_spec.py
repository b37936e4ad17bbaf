"""Requests and events survive the way through a line of JSON."""

import pytest
from pydantic import ValidationError

from core.generation.spec import Ask, Done, Piece, Refused, Turn
from core.serving.messages import read_told

EVENTS = [
    Piece(id="1", text="a line\nwith “ü” and 漢字\u2028"),
    Piece(id="1", text="hm", thinking=True),
    Done(id="1", reason="length", prompt_tokens=7, tokens=9, first_token_seconds=0.5, seconds=1.5),
    Refused(id="2", code="generation.prompt_too_long", what="Too long.", todo="Shorten it."),
]


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_is_one_line(event):
    line = event.line()
    assert line.count(b"\n") == 1
    assert read_told(line) == event


def test_a_request_is_one_line():
    ask = Ask(id="1", messages=(Turn(role="user", content="a\nb"),), stop=("\n\n",), seed=3)
    assert ask.line().count(b"\n") == 1
    assert Ask.model_validate_json(ask.line()) == ask


@pytest.mark.parametrize(
    "values",
    [
        {"messages": ()},
        {"temperature": -1.0},
        {"top_p": 0.0},
        {"max_tokens": -1},
        {"messages": ({"role": "robot", "content": "x"},)},
        {"temperature": float("nan")},
    ],
)
def test_a_request_that_makes_no_sense_is_refused(values):
    with pytest.raises(ValidationError):
        Ask.model_validate({"id": "1", "messages": ({"role": "user", "content": "x"},), **values})


def test_a_foreign_line_is_no_event():
    with pytest.raises(ValidationError):
        read_told(b'{"kind": "other", "id": "1"}')
