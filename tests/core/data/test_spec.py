"""What jobs about examples give."""

from core.data.spec import DataReport, PrepareParams, ScanParams, VersionReport
from core.events import Finished, from_line, to_line
from core.language import Sentence, _, use


def test_what_is_not_known_yet_is_left_out():
    assert "added" not in DataReport().document()
    assert VersionReport(added={}).document()["added"] == {}


def test_a_sentence_in_a_report_is_read_again_in_another_language(monkeypatch):
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en")
    report = DataReport(notices=(_("Left out: {count:,} rows.", count=3),))
    line = to_line(Finished(outcome="completed", result=report))
    use("en_XA")
    told = from_line(line)
    assert isinstance(told, Finished) and isinstance(told.result, DataReport)
    (notice,) = told.result.notices
    assert isinstance(notice, Sentence)
    assert notice.english == "Left out: 3 rows." != notice


def test_all_can_be_left_to_the_defaults():
    assert ScanParams(paths=("a",)).options == ScanParams(paths=()).options
    assert PrepareParams() == PrepareParams.model_validate({})
