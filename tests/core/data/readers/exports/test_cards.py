import io

from core.data.readers.exports.cards import card_rows, is_cards


def rows(text):
    return [
        record.value or record.fault for record in card_rows(io.BytesIO(text.encode()), "utf-8")
    ]


def test_columns_about_a_note_are_left_out():
    text = "#separator:semicolon\n#html:false\n#notetype column:1\n#tags column:4\n"
    text += 'Basic;"A; b?";<b>;x\nBasic;C?;D;\n'
    assert is_cards(text)
    assert rows(text) == [{"question": "A; b?", "answer": "<b>"}, {"question": "C?", "answer": "D"}]


def test_further_fields_have_columns():
    assert rows("#separator:tab\na\tb\tc\n") == [{"question": "a", "answer": "b", "field_3": "c"}]
    assert rows("#separator:tab\n") == [] and not is_cards("# A heading\n")
