import io
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.readers import json_rows
from core.data.readers.json_rows import as_utf8, json_lines, json_values, limited_lines
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


@given(st.lists(JSON, max_size=8), st.sampled_from([None, 1]), st.booleans())
def test_an_array_comes_back_whole(rows, indent, ascii_only):
    content = json.dumps(rows, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "replace")
    found = values(content)
    assert [r.fault for r in found] == [""] * len(rows)
    clean = json.loads(json.dumps(rows).encode("utf-8", "replace"))
    assert len(found) == len(clean)
    if "\\ud" not in json.dumps(rows):
        assert [r.value for r in found] == clean


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


@given(st.binary(max_size=300))
def test_any_bytes_as_values(content):
    for record in values(content):
        assert record.line >= 1
        assert isinstance(record.fault, str)


def test_a_bad_line_is_named_and_the_rest_loads():
    found = lines(b'{"a": 1}\n{"a": oops}\n\n{"a": 3}')
    assert [(r.line, bool(r.fault)) for r in found] == [(1, False), (2, True), (4, False)]
    assert found[1].fault.startswith("this is not valid JSON (Expecting value, character 7)")
    assert found[1].raw == '{"a": oops}'


def test_a_bad_element_is_named_and_the_rest_loads():
    found = values(b'[\n {"a": 1},\n {"a": oops},\n {"a": 3}\n]\n')
    assert [(r.line, bool(r.fault)) for r in found] == [(2, False), (3, True), (4, False)]


def test_a_bad_last_element_is_one_fault():
    found = values(b'[\n{"a": 1},\n{"a": oops}\n]\n')
    assert [(r.line, bool(r.fault)) for r in found] == [(2, False), (3, True)]


def test_a_bad_element_in_one_long_line():
    found = values(b'[{"a": 1},{"a": oops},{"a": 3},{"a" 4},{"a": 5}]')
    assert [r.value for r in found if not r.fault] == [{"a": 1}, {"a": 3}, {"a": 5}]
    assert sum(bool(r.fault) for r in found) == 2


@pytest.mark.parametrize("cut", [1, 5, 9, 10, 11, 15])
def test_a_cut_file_says_so(cut):
    content = b'[{"a": 1}, {"a": 2}]'[:cut]
    found = values(content)
    assert found[-1].fault
    assert [r.value for r in found if not r.fault] == [{"a": 1}][: cut >= 9]


def test_text_after_the_end_is_a_fault():
    found = values(b'[{"a": 1}]\ngarbage')
    assert (found[1].line, found[1].fault) == (2, "there is more text after the end of the list")


def test_values_one_after_the_other():
    found = values(b'{"a": 1}\n{\n"a": 2\n} {"a": 3}\x1e{"a": 4}')
    assert [r.value["a"] for r in found] == [1, 2, 3, 4]
    assert [r.line for r in found] == [1, 2, 4, 4]


@pytest.mark.parametrize("name", ["data", "rows", "examples", "train", "anything"])
def test_a_list_inside_an_object(name):
    found = values(json.dumps({"version": 1, name: [{"q": 1}, {"q": 2}]}).encode())
    assert [r.value for r in found] == [{"q": 1}, {"q": 2}]


def test_a_conversation_is_no_list_of_rows():
    row = {"messages": [{"role": "user", "content": "a"}]}
    assert [r.value for r in values(json.dumps(row).encode())] == [row]


def test_values_longer_than_a_block(monkeypatch):
    monkeypatch.setattr(json_rows, "_BLOCK", 64)
    rng = random.Random(1)
    rows = [{"n": n, "text": "ü" * rng.randint(0, 300), "f": 1.5} for n in range(40)]
    content = json.dumps(rows, ensure_ascii=False, indent=2).encode()
    assert [r.value for r in values(content)] == rows
    assert [r.value for r in values(b"12345678901234567890 " * 20)] == [12345678901234567890] * 20


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


@pytest.mark.parametrize("text", [b"NaN", b"Infinity", b"-Infinity", b'{"a": NaN}', b"9" * 6000])
def test_numbers_that_are_no_json(text):
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


@pytest.mark.parametrize("gap", ["},{", "},\n{", "} , {", "},\r\n  {"])
@pytest.mark.parametrize("extra", [0, 17, 62, 63, 64, 65, 66, 500])
def test_a_value_over_the_limit_is_skipped(monkeypatch, gap, extra):
    monkeypatch.setattr(json_rows, "LINE_LIMIT", 1000)
    monkeypatch.setattr(json_rows, "_BLOCK", 128)
    long = '"a": "' + "x" * (1500 + extra) + '"'
    rows = ['"a": 1', long, '"a": 3', '"a": 4']
    found = values(("[{" + gap.join(rows) + "}]").encode())
    assert [bool(r.fault) for r in found] == [False, True, False, False]
    assert [r.value for r in found if not r.fault] == [{"a": 1}, {"a": 3}, {"a": 4}]


def test_limited_lines():
    found = list(limited_lines(io.BytesIO(b"ab\nabcdefgh\n\nabc"), limit=4))
    assert found == [(1, b"ab\n"), (2, None), (3, b"\n"), (4, b"abc")]


def test_as_utf8():
    stream = as_utf8(io.BytesIO("Größe\n".encode("cp1252") * 1000), "cp1252")
    assert stream.read() == "Größe\n".encode() * 1000
    stream.close()
