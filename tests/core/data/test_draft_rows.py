from hypothesis import given
from hypothesis import strategies as st

from core.data.draft_rows import decode, encode, rows_holding
from core.data.example import BadRow, Example, Message, Source

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
SOURCES = st.builds(Source, TEXT, st.integers(1, 10**9))
MESSAGES = st.builds(
    Message,
    st.sampled_from(["system", "user", "assistant", "tool"]),
    TEXT,
    st.sampled_from([None, True, False]),
)
EXAMPLES = st.builds(Example, st.lists(MESSAGES, max_size=4).map(tuple), SOURCES, TEXT)
BAD_ROWS = st.builds(BadRow, SOURCES, TEXT, TEXT)


@given(EXAMPLES | BAD_ROWS)
def test_rows_survive(item):
    line = encode(item)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    back = decode(line)
    assert back == item
    if isinstance(item, BadRow):
        assert back.raw == item.raw


def test_words_are_found_whatever_their_case_and_spaces():
    source = Source("a", 1)
    rows = [
        Example((Message("user", "Wo ist die STRASSE?"), Message("assistant", "Dort.")), source),
        Example((Message("user", "Who?"), Message("assistant", "Ring\n0171 5550 1234.")), source),
        BadRow(source, "no JSON", "{ring 0171"),
    ]
    lines = list(enumerate(map(encode, rows)))
    assert list(rows_holding(lines, "straße")) == [0]
    assert list(rows_holding(lines, "ring  0171")) == [1, 2]
    assert list(rows_holding(lines, "nobody")) == []
