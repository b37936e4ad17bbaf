import json

import pytest

from core.data.readers import ReadOptions, inspect_sources
from core.errors import UserFacingError
from tests.core.data.examples import clean_pairs, instruction_rows, sheet_of, write_jsonl

ROWS = instruction_rows(clean_pairs(5))


def look(tmp_path, name, content, **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return inspect_sources([path], ReadOptions(**options))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.json", json.dumps(ROWS), "json"),
        ("a.json", json.dumps(ROWS, indent=2), "json"),
        ("a.json", "\n".join(map(json.dumps, ROWS)), "jsonl"),  # the content, not the name
        ("a.jsonl", json.dumps(ROWS, indent=2), "json"),
        ("a.jsonl", "\n".join(map(json.dumps, ROWS)), "jsonl"),
        ("a.ndjson", json.dumps(ROWS[0]), "jsonl"),
        ("a.json", json.dumps({"data": ROWS}), "json"),
        ("a.jsonl", "[1,]\n" + "\n".join(map(json.dumps, ROWS)), "jsonl"),
        ("a.jsonl", '{"cut": "of\n' + "\n".join(map(json.dumps, ROWS)), "jsonl"),
        ("a.jsonl", json.dumps(ROWS[0], indent=1), "json"),
        ("a.json", "[[1, 2],\n[3, 4]]", "json"),
        ("a.csv", "question,answer\na,b\n", "csv"),
        ("a.tsv", "question\tanswer\na\tb\n", "tsv"),
        ("a.txt", "Once upon a time.", "text"),
        ("a.md", "# Title\n\ntext", "markdown"),
        ("a.xlsx", sheet_of([["question", "answer"], ["a", "b"]]), "xlsx"),
        ("a.data", json.dumps(ROWS), "json"),
        ("a.data", "Once upon a time.", "text"),
    ],
)
def test_formats(tmp_path, name, content, expected):
    found = look(tmp_path, name, content)
    assert found.format == expected


def test_columns_mapping_and_confidence(tmp_path):
    found = look(tmp_path, "a.jsonl", "\n".join(map(json.dumps, ROWS)))
    assert found.columns == ("instruction", "input", "output")
    assert found.mapping == {"instruction": "question", "input": "context", "output": "answer"}
    assert found.shape == "instruction"
    assert found.encoding == "utf-8"
    assert found.confidence >= 0.9


def test_several_files_are_mixed_where_they_differ(tmp_path):
    write_jsonl(tmp_path / "a.jsonl", ROWS)
    (tmp_path / "b.csv").write_bytes("question,answer\nGröße,x\n".encode("utf-16"))
    found = inspect_sources([tmp_path])
    assert (found.format, found.shape, found.encoding) == ("mixed", "mixed", "mixed")
    assert found.columns == ("instruction", "input", "output", "question", "answer")


def test_the_encoding_can_be_overridden(tmp_path):
    content = "question,answer\nGröße,Maß\n".encode("cp1252")
    assert look(tmp_path, "a.csv", content).encoding == "cp1252"
    found = look(tmp_path, "a.csv", content, encoding="cp850")
    assert found.encoding == "cp850"
    assert found.sources[0].encoding_confidence == 1.0


def test_utf_16_can_be_asked_for_without_a_mark(tmp_path):
    content = "question,answer\nGröße,Maß\n".encode("utf-16-le")
    assert look(tmp_path, "a.csv", content, encoding="utf-16").encoding == "utf-16-le"


def test_roles_can_be_corrected(tmp_path):
    content = "foo,bar\nwhy is it so,because of that\n"
    columns = {"bar": "question", "foo": "answer", "gone": "system"}
    found = look(tmp_path, "a.csv", content, columns=columns)
    assert found.mapping == {"bar": "question", "foo": "answer"}
    assert found.shape == "question_answer"
    assert found.confidence == 1.0
    assert found.sources[0].corrected


@pytest.mark.parametrize(
    ("role", "shape"),
    [("text", "text"), ("conversation", "messages"), ("answer", "question_answer")],
)
def test_a_corrected_role_decides_the_shape(tmp_path, role, shape):
    found = look(
        tmp_path, "a.csv", "foo,bar\nwhy is it so,because of that\n", columns={"foo": role}
    )
    assert found.shape == shape


def test_the_shape_can_be_overridden(tmp_path):
    assert look(tmp_path, "a.jsonl", json.dumps(ROWS[0]), shape="text").shape == "text"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b"\x89PNG\r\n\x1a\n" + bytes(50)),
        ("a.csv", b"\xff\xd8\xff\xe0 JFIF"),
        ("a.jsonl", bytes(range(256)) * 20),
        ("a.jsonl", b"\x1f\x8b\x08 not named .gz"),
        ("a.json", bytes(5000)),
        ("a.txt", b"GGUF" + bytes(100)),
    ],
)
def test_other_files_are_refused(tmp_path, name, content):
    with pytest.raises(UserFacingError) as caught:
        look(tmp_path, name, content)
    assert caught.value.code == "dataset.not_a_dataset"
    assert name in caught.value.what


@pytest.mark.parametrize("content", [b"", b"   \n\n\t "])
def test_empty_files(tmp_path, content):
    with pytest.raises(UserFacingError) as caught:
        look(tmp_path, "a.jsonl", content)
    assert caught.value.code == "dataset.empty"


def test_an_empty_file_among_others_does_no_harm(tmp_path):
    write_jsonl(tmp_path / "a.jsonl", ROWS)
    (tmp_path / "b.jsonl").write_bytes(b"")
    assert len(inspect_sources([tmp_path]).sources) == 1


@pytest.mark.parametrize("name", ["klingon", "hex", "utf-7", "a\0b"])
def test_an_unknown_encoding_is_refused(tmp_path, name):
    with pytest.raises(UserFacingError) as caught:
        look(tmp_path, "a.csv", b"question,answer\na,b\n", encoding=name)
    assert caught.value.code == "dataset.unknown_encoding"
