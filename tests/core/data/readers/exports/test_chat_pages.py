import io

import pytest

from core.data.readers.documents.paragraphs import UnreadableError
from core.data.readers.exports.chat_pages import chat_page_rows, is_chat_page

TELEGRAM = """<div class="page_body chat_page"><div class="history">
<div class="message service" id="m0"><div class="body details">1 March 2024</div></div>
<div class="message default clearfix" id="m1"><div class="body">
<div class="pull_right date details" title="01.03.2024 21:10:00 UTC+01:00">21:10</div>
<div class="from_name">Ann</div><div class="text">How&nbsp;are<br>you?</div></div></div>
<div class="message default clearfix joined" id="m2"><div class="body">
<div class="pull_right date details" title="01.03.2024 21:11:00 UTC+01:00">21:11</div>
<div class="text">Well?</div></div></div>
<div class="message default clearfix" id="m3"><div class="body"><div class="from_name">Bob</div>
<div class="text">Fine, <a href="https://x.org">see</a>.</div></div></div></div></div>"""
DISCORD = """<div class="chatlog"><div class="chatlog__message-group">
<div class="chatlog__message-container"><div class="chatlog__message">
<span class="chatlog__author" title="ann">Ann</span>
<span class="chatlog__timestamp">3/1/2024 9:10 PM</span>
<div class="chatlog__content chatlog__markdown">How are<br>you?</div></div></div>
<div class="chatlog__message-container"><div class="chatlog__message">
<div class="chatlog__content chatlog__markdown">Well?</div></div></div></div>
<div class="chatlog__message-group"><div class="chatlog__message-container">
<span class="chatlog__author" title="bob">Bob</span>
<div class="chatlog__content chatlog__markdown">Fine, see.</div></div></div></div>"""
GEMINI = """<div class="outer-cell"><div class="mdl-grid"><div class="header-cell">Gemini Apps</div>
<div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1">Prompted Why 1?<br>
Mar 1, 2024, 9:10:00\u202fPM UTC<br><p>So <b>1</b>.</p><ul><li>more</li></ul></div>
<div class="content-cell mdl-typography--body-1">Used an app<br>Mar 1, 2024<br></div></div></div>"""


def rows(page):
    assert is_chat_page(page)
    return [r.value for r in chat_page_rows(io.BytesIO(page.encode()), "utf-8")]


@pytest.mark.parametrize("page", [TELEGRAM, DISCORD])
def test_who_says_what_on_the_page(page):
    found = [(row["speaker"], " ".join(row["said"].split())) for row in rows(page)]
    assert found == [("Ann", "How are you?"), ("Ann", "Well?"), ("Bob", "Fine, see.")]


def test_the_day_is_known():
    assert {row["day"] for row in rows(TELEGRAM)} == {"01.03.2024"}
    assert {row["day"] for row in rows(DISCORD)} == {"3/1/2024"}


def test_questions_to_gemini():
    (row,) = rows(GEMINI)
    assert row["question"] == "Why 1?"
    assert row["answer"].split() == ["So", "1.", "more"]


def test_other_pages_stay_pages():
    assert not is_chat_page("<p>chat_page is a word</p>")


def test_a_page_that_nobody_wrote_is_refused():
    page = TELEGRAM + "<div>" * 5000
    with pytest.raises(UnreadableError):
        rows(page)
