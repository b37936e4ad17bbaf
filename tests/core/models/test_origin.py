import json

from core.models.inspection import inspect_model
from core.models.origin import Origin, read_origin
from tests.core.models.folders import make_model

RECORD = {"repo": "Own/Name", "commit": "a" * 40, "licence": "mit", "files": [], "more": 1}


def test_a_download_is_called_and_licensed_as_on_the_hub(tmp_path):
    folder = make_model(tmp_path / "Own--Name")
    assert inspect_model(folder).licence == "unknown"
    (folder / "download.json").write_text(json.dumps(RECORD))
    assert read_origin(folder) == Origin(repo="Own/Name", commit="a" * 40, licence="mit")
    facts = inspect_model(folder)
    assert (facts.name, facts.licence) == ("Own/Name", "mit")


def test_a_record_that_cannot_be_read_says_nothing(tmp_path):
    assert read_origin(tmp_path) is None
    for changes in ({"repo": "x\ny/z"}, {"repo": "../x/y"}, {"commit": "z"}, {"licence": "x" * 99}):
        (tmp_path / "download.json").write_text(json.dumps(RECORD | changes))
        assert read_origin(tmp_path) is None
    (tmp_path / "download.json").write_text("[" * 100_000)
    assert read_origin(tmp_path) is None
