import io
import json
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.readers.formats import json_values as values_module
from core.data.readers.formats.json_values import json_values
from tests.core.data.readers.formats.test_json_rows import JSON


def values(content, encoding="utf-8"):
    return list(json_values(io.BytesIO(content), encoding))


@given(st.lists(JSON, max_size=8), st.sampled_from([None, 1]), st.booleans())
def test_an_array_comes_back_whole(rows, indent, ascii_only):
    content = json.dumps(rows, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "replace")
    found = values(content)
    assert [r.fault for r in found] == [""] * len(rows)
    clean = json.loads(json.dumps(rows).encode("utf-8", "replace"))
    assert len(found) == len(clean)
    if "\\ud" not in json.dumps(rows):
        assert [r.value for r in found] == clean


@given(st.binary(max_size=300))
def test_any_bytes_as_values(content):
    for record in values(content):
        assert record.line >= 1
        assert isinstance(record.fault, str)


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
    monkeypatch.setattr(values_module, "_BLOCK", 64)
    rng = random.Random(1)
    rows = [{"n": n, "text": "ü" * rng.randint(0, 300), "f": 1.5} for n in range(40)]
    content = json.dumps(rows, ensure_ascii=False, indent=2).encode()
    assert [r.value for r in values(content)] == rows
    assert [r.value for r in values(b"12345678901234567890 " * 20)] == [12345678901234567890] * 20


@pytest.mark.parametrize("gap", ["},{", "},\n{", "} , {", "},\r\n  {"])
@pytest.mark.parametrize("extra", [0, 17, 62, 63, 64, 65, 66, 500])
def test_a_value_over_the_limit_is_skipped(monkeypatch, gap, extra):
    monkeypatch.setattr(values_module, "LINE_LIMIT", 1000)
    monkeypatch.setattr(values_module, "_BLOCK", 128)
    long = '"a": "' + "x" * (1500 + extra) + '"'
    rows = ['"a": 1', long, '"a": 3', '"a": 4']
    found = values(("[{" + gap.join(rows) + "}]").encode())
    assert [bool(r.fault) for r in found] == [False, True, False, False]
    assert [r.value for r in found if not r.fault] == [{"a": 1}, {"a": 3}, {"a": 4}]


def test_rows_of_a_wrapped_list_have_their_own_lines_and_damage_stays_in_one_row():
    rows = ['{"q": 1}', '{"q": oops}', '{"q": 3}']
    content = '{"version": 1,\n "data": [\n' + ",\n".join(rows) + "\n]}\n"
    found = values(content.encode())
    assert [(r.line, bool(r.fault)) for r in found] == [(3, False), (4, True), (5, False)]


def test_all_parts_of_an_object_are_read_and_other_members_are_none():
    parts = {
        "licence": "free",
        "features": [],
        "train": [{"q": 1}, {"q": 2}],
        "version": {"n": 1},
        "test": [{"q": 3}],
        "size": 3,
    }
    assert [r.value["q"] for r in values(json.dumps(parts, indent=1).encode())] == [1, 2, 3]


def test_a_list_of_answers_inside_one_row_is_no_list_of_rows():
    row = {"question": "where", "answers": [{"text": "here"}, {"text": "there"}]}
    assert [r.value for r in values(json.dumps(row, indent=1).encode())] == [row]


def test_a_wrapped_list_may_be_larger_than_a_single_value(monkeypatch):
    monkeypatch.setattr(values_module, "LINE_LIMIT", 1000)
    monkeypatch.setattr(values_module, "_BLOCK", 128)
    rows = [{"q": f"{n} " + "x" * 50} for n in range(100)]
    assert [r.value for r in values(json.dumps({"data": rows}).encode())] == rows


def test_a_value_over_the_limit_says_so(monkeypatch):
    monkeypatch.setattr(values_module, "LINE_LIMIT", 1000)
    monkeypatch.setattr(values_module, "_BLOCK", 128)
    content = json.dumps({"q": ["x"] * 900, "a": ["y"] * 900}).encode()
    assert "longer than" in values(content)[0].fault


@pytest.mark.parametrize(
    "content", [b'{"a":%s 1}', b'{"a": [%s]}', b'[%s {"a": 1}]', b'{"a": 1%s}']
)
def test_a_wide_gap_takes_no_time(content):
    """Ten megabytes of spaces inside a value: a bomb that packs well."""
    began = time.process_time()
    list(json_values(io.BytesIO(content % (b" " * (10 << 20))), "utf-8"))
    assert time.process_time() - began < 1.5
