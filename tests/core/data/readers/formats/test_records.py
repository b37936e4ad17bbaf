from core.data.readers.formats.records import Record


def test_a_row_is_whole_unless_something_is_said_about_it():
    record = Record(3, {"q": "a"})
    assert (record.line, record.fault, record.broken, record.raw, record.part) == (
        3,
        "",
        False,
        "",
        "",
    )
