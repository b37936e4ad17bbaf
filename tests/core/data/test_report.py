import json

import pytest

from core.data.cleaning import Choices
from core.data.findings.kinds import Action, Kind
from core.data.mixture import MixtureOptions
from core.data.preparation import prepare
from core.data.report import ENOUGH, check_guess, draft_report, version_report
from core.data.spec import DataReport
from core.data.splitting import SplitOptions
from core.errors import UserFacingError
from tests.core.data.examples import clean_pairs, instruction_rows, scanned

KEYS = """format shape encoding confidence columns rows_read kept dropped findings split
content_hash notices unused problems"""


@pytest.fixture
def draft(tmp_path):
    rows = instruction_rows(clean_pairs(60, 8))
    rows[5] = rows[2]
    found, _ = scanned(tmp_path, [*rows, "oops"])
    with found:
        yield found


def test_what_inspect_prints(draft):
    report = draft_report(draft).document()
    assert list(report) == KEYS.split()
    assert report["columns"] == {"instruction": "question", "input": "context", "output": "answer"}
    assert (report["rows_read"], report["kept"], report["dropped"]) == (61, 59, 2)
    assert list(report["findings"]) == [kind.value for kind in Kind]
    assert report["findings"]["exact_duplicate"] == 1
    assert report["split"] == {}
    assert report["content_hash"] == ""
    problem = report["problems"][0]
    assert set(problem) == {"file", "line", "reason"}
    assert problem["line"] == 61
    assert json.loads(json.dumps(report)) == report


def test_choices_change_what_is_kept(draft):
    ignore = Choices().with_action(Kind.EXACT_DUPLICATE, Action.IGNORE)
    assert draft_report(draft, ignore).kept == 60


def test_what_prepare_prints(draft, tmp_path):
    version = prepare(draft, Choices(), SplitOptions(), tmp_path / "versions")
    report = version_report(draft, version).document()
    assert list(report) == [*KEYS.split(), "added"]
    assert report["kept"] + report["dropped"] == report["rows_read"]
    assert sum(report["split"].values()) == report["kept"]
    assert report["added"] == {}
    assert report["content_hash"] == version.content_hash


def test_added_examples_are_not_counted_as_kept(draft, tmp_path):
    mixture = MixtureOptions(general=5)
    version = prepare(draft, Choices(), SplitOptions(), tmp_path / "versions", mixture=mixture)
    report = version_report(draft, version).document()
    assert report["added"] == {"general": 5}
    assert report["kept"] + report["dropped"] == report["rows_read"]
    assert sum(report["split"].values()) == report["kept"] + 5


REPORT = DataReport(
    confidence=0.9, columns={"a": "question", "b": ""}, rows_read=9, kept=9, notices=()
)


@pytest.mark.parametrize(
    ("values", "code", "said"),
    [
        ({"confidence": 0.3}, "dataset.unsure", "“a” as question"),
        ({"confidence": 0.0, "columns": {"a": ""}}, "dataset.unsure", "Nothing in these files"),
        (
            {"kept": 0, "notices": ["Left out, 9 rows: a picture."]},
            "dataset.nothing_read",
            "a picture",
        ),
    ],
)
def test_a_guess_that_is_hardly_one_stops(values, code, said):
    with pytest.raises(UserFacingError) as refusal:
        check_guess(REPORT.model_copy(update=values))
    assert refusal.value.code == code
    assert said in refusal.value.what


def test_a_guess_that_may_pass():
    check_guess(REPORT.model_copy(update={"confidence": ENOUGH}))
    check_guess(REPORT.model_copy(update={"kept": 0}))
