import gzip
import json
import zipfile

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from core.data.example import BadRow, Example
from core.data.findings.whitespace import has_stray_whitespace
from core.data.readers import ReadOptions, inspect_sources, read, read_rows
from core.errors import UserFacingError
from tests.core.data.examples import clean_pairs, read_all, sheet_of, turns, write_jsonl

PAIRS = clean_pairs(30, seed=7)
DICTS = [{"question": q, "answer": a} for q, a in PAIRS]


def as_csv(delimiter):
    return "\n".join(
        delimiter.join(f'"{cell}"' for cell in row) for row in [("question", "answer"), *PAIRS]
    ).encode()


def as_parquet(path):
    parquet.write_table(pyarrow.Table.from_pylist(DICTS), path)
    return path.read_bytes()


CONTENTS = {
    "a.json": json.dumps(DICTS).encode(),
    "a.jsonl": "\n".join(map(json.dumps, DICTS)).encode(),
    "pretty.json": json.dumps(DICTS, indent=3).encode(),
    "utf16.json": json.dumps(DICTS).encode("utf-16"),
    "bom.jsonl": b"\xef\xbb\xbf" + "\r\n".join(map(json.dumps, DICTS)).encode(),
    "a.csv": as_csv(","),
    "semicolon.csv": as_csv(";"),
    "bom.csv": b"\xef\xbb\xbf" + as_csv(";"),
    "a.tsv": as_csv("\t"),
    "a.xlsx": sheet_of([("question", "answer"), *PAIRS]),
    "a.txt": "\n".join(f"Q: {q}\nA: {a}" for q, a in PAIRS).encode(),
    "a.md": "\n\n".join(f"### Question: {q}\n**Answer:** {a}" for q, a in PAIRS).encode(),
    "a.csv.gz": gzip.compress(as_csv(",")),
    "packed.jsonl.gz": gzip.compress("\n".join(map(json.dumps, DICTS)).encode()),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_every_format_gives_the_same_examples(tmp_path, name):
    path = tmp_path / f"größe 🙂 {name}"
    path.write_bytes(CONTENTS[name])
    found = read_all(path)
    expected = [[("user", q), ("assistant", a)] for q, a in PAIRS]
    assert [turns(item) for item in found] == expected
    assert {item.source.file for item in found} == {path.name}
    lines = [item.source.line for item in found]
    assert lines == sorted(lines)
    assert lines[0] >= 1


@pytest.mark.parametrize("packed", [False, True])
def test_parquet(tmp_path, packed):
    content = as_parquet(tmp_path / "a.parquet")
    path = tmp_path / ("b.parquet.gz" if packed else "a.parquet")
    path.write_bytes(gzip.compress(content) if packed else content)
    assert [turns(i)[1][1] for i in read_all(path)] == [a for _, a in PAIRS]


def test_a_zip_of_several_formats(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in ("a.json", "a.csv", "a.xlsx"):
            archive.writestr(f"in/{name}", CONTENTS[name])
        archive.writestr("in/a.parquet", as_parquet(tmp_path / "a.parquet"))
    found = read_all(tmp_path / "all.zip")
    assert len(found) == 4 * len(PAIRS)
    assert found[0].source.file == "all.zip/in/a.json"


def test_a_folder(tmp_path):
    for name in ("a.json", "semicolon.csv"):
        (tmp_path / name).write_bytes(CONTENTS[name])
    assert len(read_all(tmp_path)) == 2 * len(PAIRS)


def test_bad_rows_have_line_reason_and_text_and_the_rest_loads(tmp_path):
    lines = [json.dumps(row) for row in DICTS]
    lines[3] = lines[3][:-5]
    lines[8] = "[1, 2]"
    lines[12] = '{"other": 1}'
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    found = read_all(path)
    bad = [item for item in found if isinstance(item, BadRow)]
    assert [item.source.line for item in bad] == [4, 9, 13]
    assert all(item.reason and item.source.file == "rows.jsonl" for item in bad)
    assert bad[0].raw == lines[3]
    assert len(found) == len(lines)


def test_rows_of_another_known_shape_are_read_and_marked(tmp_path):
    foreign = {
        "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    }
    path = write_jsonl(tmp_path / "rows.jsonl", [*DICTS[:5], foreign, *DICTS[5:9]])
    rows = list(read_rows(inspect_sources([path])))
    assert [row.foreign for row in rows] == [False] * 5 + [True] + [False] * 4
    assert turns(rows[5].item) == [("user", "a"), ("assistant", "b")]


def test_tasks_come_from_the_file_or_a_column(tmp_path):
    one = write_jsonl(tmp_path / "one.jsonl", DICTS[:2])
    rows = [{**row, "task": task} for row, task in zip(DICTS, ["code", "", "talk"], strict=False)]
    two = write_jsonl(tmp_path / "two.jsonl", rows)
    found = read_all(one, two, task={"one.jsonl": "qa", "two.jsonl": "rest"})
    assert [item.task for item in found] == ["qa", "qa", "code", "rest", "talk"]


def test_a_task_that_is_nested_too_deeply_is_no_task(tmp_path):
    deep = '{"question": "a", "answer": "b", "task": ' + "[" * 1000 + "]" * 1000 + "}"
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({**DICTS[0], "task": "x"}) + "\n" + deep, encoding="utf-8")
    found = read_all(path, columns={"question": "question", "answer": "answer", "task": "task"})
    assert [item.task for item in found] == ["x", ""]


def test_corrected_columns_are_used(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("foo,bar\nso it is,why is it\n", encoding="utf-8")
    found = read_all(path, columns={"bar": "question", "foo": "answer"})
    assert turns(found[0]) == [("user", "why is it"), ("assistant", "so it is")]


def test_an_overridden_encoding_is_used(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes("question,answer\nGröße,Maß\n".encode("cp850"))
    found = read_all(path, encoding="cp850")
    assert turns(found[0]) == [("user", "Größe"), ("assistant", "Maß")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("name", ["rows.csv", "rows.json", "rows.jsonl", "rows.txt"])
def test_encodings_are_recognised_in_every_format(tmp_path, encoding, name):
    row = {"question": "Größe und Maß für Übung?", "answer": "Schön, süß und weiß wie Öl."}
    rows = [row] * 20
    text = {
        "rows.csv": "question,answer\n"
        + '"Größe und Maß für Übung?","Schön, süß und weiß wie Öl."\n',
        "rows.json": json.dumps(rows, ensure_ascii=False),
        "rows.jsonl": "\n".join(json.dumps(r, ensure_ascii=False) for r in rows),
        "rows.txt": f"Q: {row['question']}\nA: {row['answer']}\n",
    }[name]
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    assert turns(read_all(path)[0]) == [("user", row["question"]), ("assistant", row["answer"])]


SUFFIXES = ["json", "jsonl", "csv", "tsv", "txt", "md", "xlsx", "parquet", "jsonl.gz", "zip", "x"]
PIECES = st.sampled_from(
    [
        *(bytes([code]) for code in b'{}[]":,\n\r;\t\x00\xff'),
        *(b"question", b"answer", b"Q: ", b"A: ", b"null", b"NaN", b"1e999", b"\\u", b"\\ud800"),
        *(b"PK\x03\x04", b"PAR1", b"\x1f\x8b", b"\xef\xbb\xbf", b"\xe9t\xe9", "ä漢🙂".encode()),
        b'{"question":"a","answer":"b"}',
        b'{"messages":[{"role":"user","content":[',
        b"{'a': ",
        b" " * 20,
    ]
)


@given(
    st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=40).map(b"".join)),
    st.sampled_from(SUFFIXES),
)
def test_any_bytes_are_rows_or_an_explanation(tmp_path_factory, content, suffix):
    path = tmp_path_factory.getbasetemp() / f"any.{suffix}"
    path.write_bytes(content)
    try:
        found = list(read(inspect_sources([path])))
    except UserFacingError as error:
        assert error.what
        assert error.todo
        return
    assert all(isinstance(item, Example | BadRow) and item.source.line >= 1 for item in found)
    for item in found:
        text = item.reason + item.raw if isinstance(item, BadRow) else item.question + item.answer
        text.encode()  # no lone surrogates


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["role", "from", "content", "value", "question", "answer", "messages",
                         "text", "chosen", "rejected", "type", "weight", "tool_calls", "task"]),
        inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@given(st.lists(VALUES, min_size=1, max_size=6), st.booleans())
def test_any_json_is_rows_one_for_one(tmp_path_factory, values, as_lines):
    path = tmp_path_factory.getbasetemp() / ("any.jsonl" if as_lines else "any.json")
    if as_lines:
        path.write_text("\n".join(map(json.dumps, values)), encoding="utf-8")
    else:
        path.write_text(json.dumps(values), encoding="utf-8")
    found = list(read(inspect_sources([path], ReadOptions())))
    if as_lines and path.read_bytes()[:1] not in (b"[", b'"'):
        assert len(found) == len(values) or len(values) == 1
    if not as_lines and "NaN" not in json.dumps(values) and "Infinity" not in json.dumps(values):
        assert len(found) == len(values)


def test_line_ends_of_other_systems_are_line_ends(tmp_path):
    path = tmp_path / "mails.csv"
    mail = "Of course.\r\n\r\nWarm regards,\rMargit"
    path.write_bytes(f'question,answer\r\nWhen?,"{mail}"\r\nWhere?,Here.\r\n'.encode())
    first = next(iter(read(inspect_sources([path]))))
    assert first.answer == "Of course.\n\nWarm regards,\nMargit"
    assert not has_stray_whitespace(first.answer)
