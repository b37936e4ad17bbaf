import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.readers.formats.json_rows import as_utf8, json_lines, limited_lines
from core.data.readers.formats.json_values import json_values
from core.data.readers.options import LINE_LIMIT


def lines(content, encoding="utf-8"):
    return list(json_lines(io.BytesIO(content), encoding))


def values(content, encoding="utf-8"):
    return list(json_values(io.BytesIO(content), encoding))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=8))
def test_lines_come_back_whole(rows):
    found = lines("".join(json.dumps(row) + "\n" for row in rows).encode())
    assert [r.line for r in found] == list(range(1, len(rows) + 1))
    assert not any(r.fault for r in found)


@given(st.binary(max_size=300))
def test_any_bytes_as_lines(content):
    found = lines(content)
    assert len(found) == sum(1 for line in content.split(b"\n") if line.strip())
    assert all(r.fault or r.value is not None or b"null" in content for r in found)


def test_a_bad_line_is_named_and_the_rest_loads():
    found = lines(b'{"a": 1}\n{"a": oops}\n\n{"a": 3}')
    assert [(r.line, bool(r.fault)) for r in found] == [(1, False), (2, True), (4, False)]
    assert found[1].fault.startswith("this is not valid JSON (Expecting value, character 7)")
    assert found[1].raw == '{"a": oops}'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-32"])
def test_encodings(encoding):
    content = '{"a": "Größe"}\n{"a": "Maß"}\n'.encode(encoding)
    assert [r.value["a"] for r in lines(content, encoding)] == ["Größe", "Maß"]
    content = '[{"a": "Größe"}]'.encode(encoding)
    assert values(content, encoding)[0].value == {"a": "Größe"}


def test_wrong_bytes_are_kept_and_marked():
    for record in (*lines(b'{"a": "caf\xe9"}'), *values(b'[{"a": "caf\xe9"}]')):
        assert record.value == {"a": "caf\uf7e9"}
        assert record.broken


def test_lone_surrogates_never_come_through():
    expected = {"a": "x\ufffdy", "k\ufffd": 1}
    text = b'{"a": "x\\ud800y", "k\\udfff": 1}'
    assert lines(text)[0].value == expected
    assert values(b"[" + text + b"]")[0].value == expected
    assert lines(b"{'a': 'x\\ud800y', 'k\\udfff': 1}")[0].value == expected


def test_python_literals_are_rows():
    assert lines(b"{'a': 'it', 'b': None, 'c': (1, 2)}")[0].value == {
        "a": "it",
        "b": None,
        "c": [1, 2],
    }
    assert lines(b"{'a': '\\d+'}")[0].value == {"a": "\\d+"}  # and no warning about it


@pytest.mark.parametrize("line", [b"{'a': {(1, 2): 3}}", b"{'a': {1}}", b"{'a': __import__('os')}"])
def test_other_python_is_no_row(line):
    assert lines(line)[0].fault


@pytest.mark.parametrize("depth", [900, 1200, 100_000])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting_is_a_fault_not_a_crash(opening, depth):
    content = (opening * depth).encode()
    assert lines(content)[0].fault
    assert values(b"[" + content)[0].fault
    closed = b'{"x": "\\ud800", "a": ' + b"[" * depth + b"]" * depth + b"}"
    assert len(lines(closed)) == 1
    assert values(b"[" + closed + b"]")


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_numbers_that_are_no_json_are_nothing(word):
    text = b'{"a": "x", "score": ' + word + b"}"
    assert [r.value for r in values(b"[" + text + b"]")] == [{"a": "x", "score": None}]
    assert [r.value for r in lines(text)] == [{"a": "x", "score": None}]


def test_a_number_of_thousands_of_digits_is_a_fault_or_a_value():
    text = b"9" * 6000
    assert values(b"[" + text + b"]")[0].fault
    assert lines(text)[0].fault or lines(text)[0].value is not None


def test_a_line_over_the_limit_is_skipped():
    content = b'{"a": 1}\n{"a": "' + b"x" * (LINE_LIMIT + 10) + b'"}\n{"a": 3}\n'
    found = lines(content)
    assert [(r.line, r.fault) for r in found] == [
        (1, ""),
        (2, "the line is longer than 16 MB"),
        (3, ""),
    ]


def test_limited_lines():
    found = list(limited_lines(io.BytesIO(b"ab\nabcdefgh\n\nabc"), limit=4))
    assert found == [(1, b"ab\n"), (2, None), (3, b"\n"), (4, b"abc")]


def test_as_utf8():
    stream = as_utf8(io.BytesIO("Größe\n".encode("cp1252") * 1000), "cp1252")
    assert stream.read() == "Größe\n".encode() * 1000
    stream.close()
