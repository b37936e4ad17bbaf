import pytest

from core.data.draft import Draft, ScanOptions
from core.data.example import BadRow, Example
from core.data.readers.conversations.flat_rows import flat_row
from core.data.readers.options import ReadOptions
from core.data.scan import scan
from tests.core.data.readers.exports.kinds import KINDS


def read(path, folder, speakers=None):
    folder.mkdir()
    scan([path], ScanOptions(read=ReadOptions(speakers=speakers or {})), folder)
    with Draft(folder) as draft:
        rows = [draft.row(number) for number in range(len(draft))]
        return rows, [notice for notice in draft.summary.notices if notice.kind == "speaker"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_export_is_read(tmp_path, kind):
    name, content, count, speaks, words = KINDS[kind]
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    rows, asked = read(path, tmp_path / "first")
    if "," in speaks:  # people talk: nobody is learned before it is said who
        people = speaks.split(", ")
        assert all(isinstance(row, BadRow) for row in rows)
        assert all(f"“{person}”" in asked[0].text for person in people)
        roles = {people[0]: "user", people[1]: "assistant"}
        rows, _ = read(path, tmp_path / "again", roles)
        speaks = ""
    assert len(rows) == count and all(isinstance(row, Example) for row in rows), rows
    messages = rows[0].messages
    assert messages[-1].content == words and messages[-1].role == "assistant"
    assert not speaks or "".join(message.role[0] for message in messages) == speaks


def test_other_rows_stay_as_they_are():
    for row in ("text", 3, None, {"input": "a", "output": "b"}, {"input": {}, "output": {}},
                {"inputs": [1], "outputs": [2]}, {"title": "t", "answers": ["x"]}):  # fmt: skip
        assert flat_row(row) is row


def test_tools_of_a_logged_call_stay():
    row = {"input": {"messages": [{"role": "user", "content": "Q"}], "tools": [{"name": "t"}]},
           "output": {"choices": [{"message": {"role": "assistant", "content": "A"}}]}}  # fmt: skip
    assert flat_row(row)["tools"] == [{"name": "t"}]
