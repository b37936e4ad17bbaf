import pytest

from core.data.findings.markup import has_stray_markup, looks_like_code, strip_markup
from tests.core.data.examples import INNOCENT


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("<p>Hello <b>there</b>.</p>", "Hello there.\n"),
        ("one<br/>two", "one\ntwo"),
        ("one<br>two", "one\ntwo"),
        ("<div class='x'>text</div>", "text\n"),
        ("a&nbsp;b &amp; c", "a b & c"),
        ("see <a href='https://x.org'>this</a>", "see this"),
        ("text <!-- hidden --> more", "text  more"),
        ("answer<|im_end|>", "answer"),
        ("[INST] question [/INST] answer", " question  answer"),
        ("done.</s>", "done."),
        ("it's done.<|im_end|> that's it", "it's done. that's it"),
        ("<start_of_turn>hi<end_of_turn>", "hi"),
        ("<script>alert(1)</script>text <i>x</i>", "text x"),
        ("3 < 5 and <b>bold</b> & so", "3 < 5 and bold & so"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo\n\n"),
    ],
)
def test_stray_markup_is_found_and_removed(text, clean):
    assert has_stray_markup(text, "What is it?")
    assert strip_markup(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "a < b and c > d", "x <- 3", "if a<b: pass", "List<String> names", "Vec<u8>, Box<dyn Fn>",
        "use `<b>` for bold", "```\n<p>in a fence</p>\n```", "AT&T and R&D; done", "a && b",
        "<https://example.org>", "<name@example.org>", "[1] see [2]", "<enter>", "->, =>, <=>, <3",
        "tags such as ``<TD>`` or ``<DIV>``, in code", ">>> bold('x')\n'<b>x</b>'",
        'token (`str`): defaults to "<|endoftext|>"', "the token `<|im_end|>` ends a turn",
        "def bold(text):\n    'Return it\n    as wanted.'\n    return '<b>' + text + '</b>'",
        "<!DOCTYPE html><html><p>a page</p></html>", "template<typename T> class X {};",
    ],
)  # fmt: skip
def test_code_and_comparisons_are_no_markup(text):
    assert not has_stray_markup(text, "What is it?")


@pytest.mark.parametrize(
    "question", ["How do I write HTML?", "Which tag is bold?", "Explain XML.", "A React component"]
)
def test_talk_about_markup_explains_it(question):
    assert not has_stray_markup("Use <b>bold</b> for this.", question)


@pytest.mark.parametrize(("question", "answer"), INNOCENT)
def test_innocent_answers(question, answer):
    assert not has_stray_markup(answer, question)
    assert not has_stray_markup(question, "")


def test_code_between_back_ticks_survives_stripping():
    text = "<p>Use `<b>` or:</p>\n```\n<i>x</i> &amp;\n```"
    assert strip_markup(text) == "Use `<b>` or:\n```\n<i>x</i> &amp;\n```"


def test_looks_like_code():
    assert looks_like_code("import os\nfor x in y:\n    print(x);")
    assert not looks_like_code("Once upon a time\nthere was a king\nwho had a horse")
