import io

from core.data.readers.exports.subtitles import is_subtitles, subtitle_rows

ROLLING = "1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:02,000 --> 00:00:03,000\nHello\n\n"


def test_a_cue_that_is_shown_again_counts_once():
    (record,) = subtitle_rows(io.BytesIO(ROLLING.encode()), "utf-8")
    assert record.value == {"text": "Hello"}


def test_marks_and_notes_are_left_out():
    text = (
        "WEBVTT - x\n\nNOTE a\nb\n\nSTYLE\n::cue{}\n\n00:01.0 --> 00:02.0\n<c.red>A</c> {\\an8}b\n"
    )
    (record,) = subtitle_rows(io.BytesIO(text.encode()), "utf-8")
    assert record.value == {"text": "A b"} and is_subtitles(text)


def test_other_texts_are_no_subtitles():
    assert (
        is_subtitles(ROLLING) and not is_subtitles("1\nfirst\n2\nsecond") and not is_subtitles("")
    )
    assert list(subtitle_rows(io.BytesIO(b""), "utf-8")) == []
