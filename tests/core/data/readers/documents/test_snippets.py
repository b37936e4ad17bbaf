from core.data.readers.documents.snippets import plain


def test_a_piece_of_html_becomes_its_text():
    assert plain("<p>One <b>two</b>.</p><p>Three.</p>") == "One two.\n\nThree."
    assert plain(" a < b ") == "a < b" and plain(None) == ""
