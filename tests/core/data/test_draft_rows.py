from hypothesis import given
from hypothesis import strategies as st

from core.data.draft_rows import decode, encode
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
