import json

import pytest

from core.generation.spec import Done, Refused
from core.serving.api import ApiError, Reply, read_chat, refused


def body(**values):
    request = {"model": "base", "messages": [{"role": "user", "content": "Hi"}], **values}
    return json.dumps(request).encode()


def asked(**values):
    return read_chat(body(**values)).ask("id")


def test_what_is_asked_arrives():
    ask = asked(
        messages=[
            {"role": "developer", "content": "Be short."},
            {
                "role": "user",
                "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
            },
            {"role": "assistant", "content": None},
        ],
        temperature=0,
        top_p=0.5,
        stop=["END", ""],
        seed=-7,
        max_tokens=5,
        max_completion_tokens=9,
        user="somebody",
        unknown_to_us={"x": 1},
    )
    assert [(turn.role, turn.content) for turn in ask.messages] == [
        ("system", "Be short."),
        ("user", "ab"),
        ("assistant", ""),
    ]
    assert (ask.temperature, ask.top_p, ask.stop, ask.seed) == (0, 0.5, ("END",), -7)
    assert ask.max_tokens == 9


def test_what_is_left_out_keeps_our_own_values():
    ask = asked(temperature=None, stop=None, n=None, stream=None, max_tokens=None)
    assert (ask.temperature, ask.max_tokens, ask.stop) == (0.7, 0, ())
    assert asked(stop="x").stop == ("x",)
    assert asked(max_tokens=-1).max_tokens == 0
    assert asked(max_tokens=10**9).max_tokens == 32768


@pytest.mark.parametrize(
    ("values", "param"),
    [
        ({"n": 2}, "n"),
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"functions": [{}]}, "functions"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"response_format": "text"}, "response_format"),
        ({"logprobs": True}, "logprobs"),
        ({"temperature": 3}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"seed": 2**70}, "seed"),
        ({"stop": ["a"] * 17}, "stop"),
        ({"messages": []}, "messages"),
        ({"messages": "Hi"}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "assistant", "tool_calls": [{}]}]}, "messages.0.role"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            "messages.0.content",
        ),
    ],
)
def test_what_is_not_built_here_is_refused_by_name(values, param):
    with pytest.raises(ApiError) as error:
        asked(**values)
    assert error.value.status == 400
    assert error.value.param == param
    assert error.value.body()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, body().replace(b"Hi", b"\\ud800"), b"null"],
)
def test_hostile_bodies_are_refused(text):
    with pytest.raises(ApiError) as error:
        read_chat(text)
    assert error.value.status == 400


def test_refusals_of_the_model_have_the_status_that_clients_know():
    def of(code):
        return refused(Refused(id="1", code=code, what="W.", todo="T."))

    assert of("generation.prompt_too_long").code == "context_length_exceeded"
    assert of("generation.prompt_too_long").status == 400
    assert of("generation.unknown_model").status == 404
    assert of("generation.failed").status == 503
    assert (of("job.killed").status, of("job.killed").headers()) == (503, {"retry-after": "10"})


def test_the_answer_has_the_known_shape():
    reply = Reply("7", "train-001", 5)
    whole = reply.whole("Text", "thought", Done(id="7", reason="length", prompt_tokens=3, tokens=2))
    assert whole["choices"][0]["finish_reason"] == "length"
    assert whole["choices"][0]["message"]["reasoning_content"] == "thought"
    assert whole["usage"] == {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    chunk = reply.chunk({"content": "ü\n"})
    assert chunk.startswith(b"data: {")
    assert chunk.endswith(b"\n\n")
    assert chunk.count(b"\n") == 2
