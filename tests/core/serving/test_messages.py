import pytest

from core.generation.spec import Ask, Done, Piece, Turn
from core.serving.messages import Cancel, Loading, Ready, Unloaded, read_request, read_told


@pytest.mark.parametrize(
    "told",
    [
        Piece(id="1", text="ü\n"),
        Done(id="1", reason="stop"),
        Loading(phase="weights"),
        Ready(models=("base", "train-001"), context=9, slots=2, memory=3),
        Unloaded(),
    ],
)
def test_what_is_told_crosses_as_one_line(told):
    assert told.line().count(b"\n") == 1
    assert read_told(told.line()) == told


@pytest.mark.parametrize(
    "request_", [Cancel(id="7"), Ask(id="7", messages=(Turn(role="user", content="Hi"),))]
)
def test_what_is_asked_crosses_as_one_line(request_):
    assert read_request(request_.line()) == request_


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"kind":"cancel"}', b"\xff", b"nonsense"])
def test_other_lines_are_refused(line):
    with pytest.raises(ValueError):
        read_request(line)
