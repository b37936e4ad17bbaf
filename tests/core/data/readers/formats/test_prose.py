import io

import pytest

from core.data.readers.formats.prose import prose_rows
from core.data.readers.options import LINE_LIMIT


def rows(text, file_format="text", encoding="utf-8"):
    return list(prose_rows(io.BytesIO(text.encode(encoding)), encoding, file_format))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Q:", "A:"),
        ("Question:", "Answer:"),
        ("User:", "Assistant:"),
        ("### Human:", "### Response:"),
        ("**Prompt:**", "**Completion:**"),
        ("instruction:", "output:"),
    ],
)
def test_marked_questions_and_answers(question, answer):
    text = f"{question} How?\nReally?\n\n{answer} So.\nYes.\n\n{question} Why?\n{answer} Thus.\n"
    found = rows(text)
    assert [record.value for record in found] == [
        {"question": "How?\nReally?", "answer": "So.\nYes."},
        {"question": "Why?", "answer": "Thus."},
    ]
    assert [record.line for record in found] == [1, 7]


def test_a_question_without_answer_has_no_answer():
    found = rows("Q: How?\nQ: Why?\nA: Thus.\n")
    assert found[0].value == {"question": "How?"}
    assert found[1].value == {"question": "Why?", "answer": "Thus."}


def test_passages_end_at_blank_lines():
    found = rows("one\ntwo\n\n\n  \nthree\n")
    assert [(r.line, r.value["text"]) for r in found] == [(1, "one\ntwo"), (6, "three")]


def test_markdown_passages_end_at_headings():
    found = rows("# A\n\none\n\ntwo\n## B\nthree\n", "markdown")
    assert [(r.line, r.value["text"]) for r in found] == [
        (1, "# A\n\none\n\ntwo"),
        (6, "## B\nthree"),
    ]


def test_long_passages_are_cut():
    found = rows("word " * 20 + "\n" + ("word " * 100 + "\n") * 40)
    assert 4 <= len(found) <= 8
    assert sum(r.value["text"].count("word") for r in found) == 4020


def test_a_line_over_the_limit_is_a_fault_and_the_rest_loads():
    found = rows("first\n\n" + "x" * (LINE_LIMIT + 5) + "\nlast\n")
    assert found[0].value == {"text": "first"}
    assert (found[1].line, found[1].fault) == (3, "the line is longer than 16 MB")
    assert found[2].value == {"text": "last"}
    assert found[2].line == 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp850"])
def test_encodings(encoding):
    assert rows("Größe\r\nMaß\r\n", encoding=encoding)[0].value == {"text": "Größe\nMaß"}


def test_wrong_bytes_mark_the_row():
    found = list(prose_rows(io.BytesIO(b"caf\xe9\n\nfine\n"), "utf-8", "text"))
    assert [record.broken for record in found] == [True, False]


def test_nothing_gives_nothing():
    assert rows("") == []
    assert rows("\n \n") == []
