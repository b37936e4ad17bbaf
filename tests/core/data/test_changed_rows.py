import io
import tempfile
import tracemalloc

import pytest

from core.data.changed_rows import ChangedRows
from core.data.example import Message
from tests.core.data.examples import ask, example


def test_rows_come_back_as_they_were_given():
    thinking = example(("user", "Why?"), ("assistant", "So."), line=7, task="t")
    thinking = type(thinking)(
        (*thinking.messages, Message("assistant", "x", False, "because")), thinking.source, "t"
    )
    rows = ChangedRows(io.BytesIO(), [(5, thinking), (2, ask("ü", "漢"))])
    assert list(rows) == [5, 2]
    assert rows[5] == thinking
    assert rows.get(2) == ask("ü", "漢")
    assert rows.get(3) is None
    assert (5 in rows, 3 in rows, len(rows)) == (True, False, 2)
    with pytest.raises(KeyError):
        rows[3]


def test_some_of_them():
    rows = ChangedRows(io.BytesIO(), ((n, ask("Why?", str(n))) for n in range(10)))
    even = rows.among(lambda n: n % 2 == 0)
    assert list(even) == [0, 2, 4, 6, 8]
    assert even[4].answer == "4"
    assert len(rows) == 10


def test_their_texts_are_not_in_memory():
    many = ((n, ask("Why?", f"{n} " * 10_000)) for n in range(500))
    with tempfile.TemporaryFile() as file:
        tracemalloc.start()
        rows = ChangedRows(file, many)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(rows) == 500
    assert held < 2_000_000
