import json
from itertools import islice

import pytest

from core.data.readers.formats import json_rows
from tests.campaigns.bad_data import Reader, judge, look, run
from tests.campaigns.bad_files import Case, cases, json_test_suite, naughty


def test_short_form(capsys):
    told = []
    assert run(islice(cases(1, 0), 100), None, told.append) == (100, 0), told


def test_a_long_line():
    wanted = [case for case in islice(cases(5, 20 << 20), 210) if case.kind == "long line"]
    assert len(wanted) == 3
    assert run(wanted, None) == (3, 0)


def test_suites_are_read_when_they_are_given(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "n_structure.json").write_bytes(b"[1,]")
    found = list(json_test_suite(tmp_path))
    (tmp_path / "texts.json").write_text(json.dumps(["", "undefined", "ﷺ", "NULL"]))
    found += naughty(tmp_path / "texts.json")
    assert len(found) == 2 + 2 + 3 * 3
    assert run(found, None) == (len(found), 0)


def test_every_kind_of_file_is_among_the_cases():
    kinds = {case.kind for case in islice(cases(0, 1 << 20), 210)}
    assert len(kinds) >= 20


def test_the_campaign_can_fail(tmp_path, monkeypatch):
    case = Case("lines", "rows.jsonl", b'{"question": "a b", "answer": "c"}\noops\n', (2,), 1)
    path = tmp_path / case.name
    path.write_bytes(case.content)
    good = look(path, tmp_path / "one") | {"megabytes": 1, "seconds": 0.1}
    assert judge(case, good, [case.name]) == []
    assert "written elsewhere" in judge(case, good, ["other"])[0]
    assert judge(case, good | {"megabytes": 900}, []) == ["900 MB"]
    assert judge(case, good | {"seconds": 2.5}, []) == ["2.5 s of the processor"]
    assert "rows lost" in judge(case, good | {"rows_read": 3}, [])[0]
    assert "not named" in judge(case, good | {"problems": [{"line": 7, "reason": "x"}]}, [])[0]

    def broken(content):
        raise RuntimeError("boom")

    monkeypatch.setattr(json_rows.orjson, "loads", broken)
    crashed = look(path, tmp_path / "two") | {"megabytes": 1, "seconds": 0.1}
    assert "boom" in judge(case, crashed, [])[0]


@pytest.mark.skipif("sys.platform == 'win32'")
def test_a_child_that_dies_is_a_failure(tmp_path):
    with Reader() as reader:
        (tmp_path / "a.txt").write_bytes(b"hello there")
        assert "crash" not in reader.ask(tmp_path / "a.txt")
        reader._child.kill()
        (tmp_path / "b.txt").write_bytes(b"hello there")
        assert "died" in reader.ask(tmp_path / "b.txt")["crash"]
        assert "crash" not in reader.ask(tmp_path / "b.txt")
