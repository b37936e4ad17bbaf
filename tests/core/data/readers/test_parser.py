import io

import pytest

from core.data.readers.formats.records import Record
from core.data.readers.parser import parse
from tests.core.data.examples import sheet_of

CASES = {
    "jsonl": b'{"q": "a", "n": 1}\n',
    "json": b'[{"q": "a", "n": 1}]',
    "csv": b"q,n\na,1\n",
    "tsv": b"q\tn\na\t1\n",
    "xlsx": sheet_of([["q", "n"], ["a", 1]]),
}


@pytest.mark.parametrize("name", CASES)
def test_every_format_gives_the_same_row(name):
    records = list(parse(io.BytesIO(CASES[name]), name, "utf-8"))
    assert len(records) == 1
    assert {key: str(value) for key, value in records[0].value.items()} == {"q": "a", "n": "1"}
    assert records[0].fault == ""


@pytest.mark.parametrize("name", ["text", "markdown"])
def test_prose(name):
    assert list(parse(io.BytesIO(b"a\nb"), name, "utf-8")) == [Record(1, {"text": "a\nb"})]
