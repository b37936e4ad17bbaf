import html
import io

import pytest

from core.data.readers.exports.xml_rows import is_xml_rows, xml_rows

HEAD = '\ufeff<?xml version="1.0" encoding="utf-8"?>\n'


def element(name, **values):
    inside = " ".join(f'{key}="{html.escape(str(value))}"' for key, value in values.items())
    return f"  <{name} {inside} />\n"


def question(n, **more):
    return element("row", Id=n, PostTypeId=1, Title=f"Why {n}?", Body=f"<p>I ask {n} & wait.</p>",
                   **more)  # fmt: skip


def answer(n, parent, score, text):
    return element("row", Id=n, PostTypeId=2, ParentId=parent, Score=score, Body=f"<p>{text}</p>")


def read(text):
    assert is_xml_rows(text)
    return [(r.line, r.value) for r in xml_rows(io.BytesIO(text.encode()), "utf-8-sig")]


def test_the_accepted_answer_wins_then_the_one_with_most_votes():
    text = HEAD + "<posts>\n" + question(1, AcceptedAnswerId=3) + answer(2, 1, 90, "popular")
    text += answer(3, 1, 1, "right") + question(4) + answer(5, 4, -1, "bad")
    text += answer(6, 4, 7, 'so &lt;b&gt; "x"') + question(7) + "</posts>\n"
    rows = read(text)
    assert [line for line, _ in rows] == [3, 6]
    assert [row["answer"] for _, row in rows] == ["right", 'so <b> "x"']
    assert rows[0][1]["question"] == "Why 1?\n\nI ask 1 & wait."


def test_an_answer_may_stand_before_its_question():
    text = HEAD + "<posts>" + answer(2, 1, 1, "early") + question(1) + "</posts>"
    assert [row["answer"] for _, row in read(text)] == ["early"]


def test_elements_that_are_cut_by_a_block_are_whole():
    long = "x" * 700_000
    text = (
        HEAD
        + "<posts>"
        + "".join(question(n) + answer(n + 1, n, 1, f"{long}{n}") for n in range(1, 9, 2))
    )
    assert [row["answer"][-1] for _, row in read(text)] == ["1", "3", "5", "7"]


def test_text_messages_are_a_chat():
    text = HEAD + "<smses>" + "".join(
        element("sms", address="+1", date="1709327400000", type=kind, body=said,
                readable_date="Mar 1, 2024 9:10", contact_name="Bob")
        for kind, said in ((2, "Hello"), (1, "Fine"), (1, "null"))
    )  # fmt: skip
    assert [(row["speaker"], row["said"]) for _, row in read(text)] == [
        ("Me", "Hello"), ("Bob", "Fine"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "<faq><item>x</item></faq>", 'a <row PostTypeId="1" Body="x"/>']
)
def test_other_texts_are_none(text):
    assert not is_xml_rows(text)


def test_no_entity_of_the_file_is_expanded():
    text = HEAD + '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><posts>'
    text += '<row Id="1" PostTypeId="1" Title="T" Body="&a;"/>' + answer(2, 1, 1, "&a;")
    ((_, row),) = read(text)
    assert row["question"] == "T\n\n&a;"
