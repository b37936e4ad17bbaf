import io
import json
import time

import pytest

from core.data.readers.formats.json_relaxed import RelaxedText, has_typographic_quotes, relaxed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1} // why', {"a": 1}),
        ('/* by hand */ {"a": [1, 2,], }', {"a": [1, 2]}),
        ('# head\n{"a": "http://x # y, ] /* z */"}', {"a": "http://x # y, ] /* z */"}),
        ('{"a": "say \\"//\\"", // no\n}', {"a": 'say "//"'}),
        ('[1, // last\n]', [1]),
    ],
)  # fmt: skip
def test_comments_and_commas_too_many_are_left_out(text, value):
    assert json.loads(relaxed(text)) == value


def test_lines_keep_their_numbers():
    assert relaxed("/* a\nb\n*/\n1").count("\n") == 3


def test_a_long_document_is_relaxed_in_blocks():
    rows = "".join(f'{{"n": {n}}}, // number {n}\n' for n in range(60_000))
    text = f"[/* many\nrows */\n{rows}]"
    stream = RelaxedText(io.StringIO(text[50_000:]), text[:50_000], relax=True)
    parts = iter(lambda: stream.read(1 << 16), "")
    assert len(json.loads("".join(parts))) == 60_000


def test_without_need_the_text_is_as_it_is():
    stream = RelaxedText(io.StringIO("b // c"), "a, ]", relax=False)
    assert stream.read() + stream.read() + stream.read() == "a, ]b // c"


@pytest.mark.parametrize("piece", ["/*", "//", ",", '"', "#", ", /* *", "\n  "])
def test_no_text_takes_quadratic_time(piece):
    begin = time.process_time()
    relaxed(piece * (400_000 // len(piece)))
    assert time.process_time() - begin < 5


def test_typographic_quotes():
    assert has_typographic_quotes("{“a”: “b”}")
    assert not has_typographic_quotes('{"a": "he said “no”, ok"}')
