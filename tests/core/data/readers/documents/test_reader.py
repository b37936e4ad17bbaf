"""Documents as people have them, read to rows; and those that cannot be read."""

import pytest

from core.data.example import Example
from core.data.readers import inspect_sources, read_rows
from core.data.readers.ledger import Ledger
from core.errors import UserFacingError
from tests.core.data.readers.documents import made

THINGS = ("rope", "line", "cable", "cord", "wire")


def chapter(number):
    thing = THINGS[number]
    return [
        "The Boat Handbook", None, (f"Chapter {number + 1}", 18), None,
        f"The mooring {thing} is made of hemp and must be dried af-",
        "ter each trip", "and kept in the locker.", None,
        f"Every {thing} lasts four years.", None, f"Page {number + 1} of 5",
    ]  # fmt: skip


def read(path):
    ledger = Ledger()
    inspection = inspect_sources([path])
    return [row.item for row in read_rows(inspection, ledger=ledger)], ledger


def texts(items):
    return [message.content for item in items for message in item.messages]


def refused(path, content):
    path.write_bytes(content)
    with pytest.raises(UserFacingError) as caught:
        inspect_sources([path])
    assert path.name in caught.value.what
    assert caught.value.todo
    return caught.value.code


def test_a_pdf_becomes_chapters_without_headers_footers_and_divided_words(tmp_path):
    path = tmp_path / "boat.pdf"
    path.write_bytes(made.pdf(*map(chapter, range(5)), []))
    items, ledger = read(path)
    assert texts(items) == [
        f"# Chapter {n + 1}\n\nThe mooring {thing} is made of hemp and must be dried after each "
        f"trip and kept in the locker.\n\nEvery {thing} lasts four years."
        for n, thing in enumerate(THINGS)
    ]
    assert items[2].source.file == "boat.pdf/page 3"
    said = [str(notice.text) for notice in ledger.notices()]
    assert "10 repeated lines at the top or bottom of pages are left out." in said
    assert "5 words divided at the end of a line are joined." in said
    assert any(text.startswith("1 page without text is left out.") for text in said)


def test_a_document_of_questions_becomes_questions_and_answers(tmp_path):
    path = tmp_path / "faq.pdf"
    path.write_bytes(made.pdf(["Q: What is a cleat?", "A: A fitting for ropes.", None, "Q: Why?"]))
    items, _ = read(path)
    assert texts(items[:1]) == ["What is a cleat?", "A fitting for ropes."]


def test_a_heading_that_asks_does_not_lose_the_rest(tmp_path):
    path = tmp_path / "spec.docx"
    chapters = [block for n in range(6) for block in (("berschrift1", f"Part {n}"), f"Text {n}.")]
    path.write_bytes(made.docx(("berschrift1", "What is this?"), "A format.", *chapters))
    items, _ = read(path)
    assert texts(items) == ["What is this?\n\nA format."] + [
        f"# Part {n}\n\nText {n}." for n in range(6)
    ]


def test_a_word_file_gives_headings_paragraphs_and_rows_of_tables(tmp_path):
    path = tmp_path / "knots.docx"
    table = [["Knot", "Use"], ["Bowline", "Loop"]]
    path.write_bytes(made.docx(("berschrift1", "Knots"), "A knot & a hitch.", table, "The end."))
    items, _ = read(path)
    assert texts(items) == [
        "# Knots\n\nA knot & a hitch.\n\nKnot | Use\n\nBowline | Loop\n\nThe end."
    ]


def test_a_book_is_read_in_its_own_order(tmp_path):
    path = tmp_path / "book.epub"
    one = (
        "<html><head><title/></head><body><h1>One</h1><p>First <b>bold</b> text.</p></body></html>"
    )
    path.write_bytes(made.epub(one, "<body><h2>Two</h2><pre>a\n  b</pre></body>"))
    items, _ = read(path)
    assert texts(items) == ["# One\n\nFirst bold text.", "## Two\n\na\n  b"]


def test_a_web_page_gives_its_main_part(tmp_path):
    path = tmp_path / "page.html"
    page = "<nav>Menu</nav><main>Before<p>Größe<br>two</p><script>no()</script></main>after"
    path.write_bytes(f"<html><body>{page}</body></html>".encode())
    items, _ = read(path)
    assert texts(items) == ["Before\n\nGröße two"]


def test_web_pages_beside_data_are_left_out(tmp_path):
    (tmp_path / "chat.html").write_text("<p>to look at</p>")
    (tmp_path / "rows.jsonl").write_text('{"question": "a", "answer": "b"}\n')
    assert [looked.format for looked in inspect_sources([tmp_path]).sources] == ["jsonl"]


def test_a_document_of_many_pages_keeps_each(tmp_path):
    path = tmp_path / "long.pdf"
    sentence = "The {} boats of harbour {} sail at {} in the morning and come back."
    pages = [[sentence.format(n, n + i, i) for i in range(30)] for n in range(60)]
    path.write_bytes(made.pdf(*pages))
    items, _ = read(path)
    everything = "\n".join(texts(items))
    assert all(sentence.format(n, n + 15, 15) in everything for n in range(60))
    assert all(isinstance(item, Example) and len(item.answer) < 5000 for item in items)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("scan.pdf", made.pdf([], []), "document.pictures"),
        ("locked.pdf", made.locked_pdf(), "document.locked"),
        ("junk.pdf", b"%PDF-1.4\n" + b"junk" * 999, "document.damaged"),
        ("bomb.docx", made.packed({"word/document.xml": " " * (70 << 20)}), "document.too_large"),
        ("none.docx", made.packed({"x": "y"}), "document.damaged"),
        ("short.docx", b"PK\x03\x04 and no more", "document.damaged"),
        ("locked.docx", b"\xd0\xcf\x11\xe0" + bytes(600), "document.locked"),
        ("empty.docx", made.docx(), "document.empty"),
        ("none.epub", made.packed({"META-INF/container.xml": "<x/>"}), "document.damaged"),
        ("deep.html", b"<div></x>" * 5000 + b"text", "document.damaged"),
        ("empty.html", b"<html><title>only</title></html>", "document.empty"),
    ],
)
def test_what_cannot_be_read_is_said_with_a_next_step(tmp_path, name, content, code):
    assert refused(tmp_path / name, content) == code


def test_one_scan_among_documents_is_said_and_the_others_are_read(tmp_path):
    (tmp_path / "a.pdf").write_bytes(made.pdf([]))
    (tmp_path / "b.docx").write_bytes(made.docx("A knot is a hitch.", "It holds."))
    items, ledger = read(tmp_path)
    assert texts(items) == ["A knot is a hitch.\n\nIt holds."]
    assert str(ledger.notices()[0].text) == "“a.pdf” contains pictures of pages, but no text."
