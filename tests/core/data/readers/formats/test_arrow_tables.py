import io

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import ipc, parquet

from core.data.readers.formats.arrow_tables import arrow_rows, parquet_rows
from core.errors import UserFacingError

CLASSES = b'{"info": {"features": {"label": {"names": ["bad", "good"], "_type": "ClassLabel"}}}}'


def parquet_bytes(**columns):
    sink = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), sink)
    return sink.getvalue()


def test_parquet():
    content = parquet_bytes(
        question=[f"q{n}" for n in range(2500)],
        answer=[None if n == 7 else f"a{n}" for n in range(2500)],
        turns=[[{"role": "user", "content": str(n)}] for n in range(2500)],
    )
    found = list(parquet_rows(io.BytesIO(content)))
    assert [r.line for r in found] == list(range(1, 2501))
    assert found[7].value["answer"] is None
    assert found[2499].value["turns"] == [{"role": "user", "content": "2499"}]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(50) + b"PAR1", b"text"])
def test_damaged_parquet(content):
    with pytest.raises(UserFacingError) as caught:
        list(parquet_rows(io.BytesIO(content)))
    assert caught.value.code == "dataset.damaged_table"


PARQUET = parquet_bytes(question=["a", "b"], answer=["c", "d"])


@given(st.integers(0, 10**9), st.binary(min_size=1, max_size=8))
def test_parquet_with_wrong_bytes_anywhere(place, wrong):
    content = bytearray(PARQUET)
    place %= len(content)
    content[place : place + len(wrong)] = wrong
    try:
        list(parquet_rows(io.BytesIO(bytes(content))))
    except UserFacingError as error:
        assert error.code == "dataset.damaged_table"


def arrow_bytes(make, **columns):
    sink = io.BytesIO()
    table = pyarrow.table(columns).replace_schema_metadata({b"huggingface": CLASSES})
    with make(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


@pytest.mark.parametrize("make", [ipc.new_stream, ipc.new_file])
def test_arrow_as_a_stream_and_as_a_file(make):
    content = arrow_bytes(
        make, text=[f"t{n}" for n in range(2500)], label=[n % 3 for n in range(2500)]
    )
    found = list(arrow_rows(io.BytesIO(content)))
    assert [r.line for r in found] == list(range(1, 2501))
    assert [r.value["label"] for r in found[:3]] == ["bad", "good", 2]


def test_classes_in_parquet_have_names():
    sink = io.BytesIO()
    table = pyarrow.table({"text": ["a"], "label": [1]})
    parquet.write_table(table.replace_schema_metadata({b"huggingface": CLASSES}), sink)
    assert next(parquet_rows(io.BytesIO(sink.getvalue()))).value["label"] == "good"


@pytest.mark.parametrize(
    "about",
    [b"", b"{", b"[]", b'{"info": 3}', b'{"info": {"features": {"label": 3}}}', b"[" * 90000],
)
def test_odd_notes_beside_the_schema_do_no_harm(about):
    sink = io.BytesIO()
    table = pyarrow.table({"text": ["a"], "label": [1]})
    parquet.write_table(table.replace_schema_metadata({b"huggingface": about}), sink)
    assert next(parquet_rows(io.BytesIO(sink.getvalue()))).value["label"] == 1


ARROW = arrow_bytes(ipc.new_stream, text=["some", "words"], label=[0, 1])


@given(st.integers(0, 10**9), st.binary(min_size=1, max_size=8))
def test_arrow_with_wrong_bytes_anywhere(place, wrong):
    content = bytearray(ARROW)
    place %= len(content)
    content[place : place + len(wrong)] = wrong
    try:
        list(arrow_rows(io.BytesIO(bytes(content))))
    except UserFacingError as error:
        assert error.code == "dataset.damaged_table"
