"""The result of a check of the examples is read back only as it was written."""

import numpy as np
import pytest

from core.chat.label_preview import FACTS, LabelledText, LabelPreview, in_the_present_language
from core.chat.tokens import EMPTY, REJECTED
from core.errors import UserFacingError
from core.project import Project, RunFolder
from core.storage.files import write_json


def test_a_job_that_has_not_finished(tmp_path):
    with pytest.raises(UserFacingError):
        LabelPreview.load(Project.create(tmp_path / "p").new_run("learning"))


@pytest.mark.parametrize("damage", ["facts", "places", "texts", "summary"])
def test_a_check_that_is_not_ours_is_damage(tmp_path, damage):
    run = RunFolder(tmp_path)
    facts = np.zeros(3, dtype=FACTS)
    summary = {"dataset_version": "v", "base_model": "m", "files": ["a.csv"]}
    texts = b""
    if damage == "facts":
        facts = np.zeros(3)
    elif damage == "places":
        facts["file"] = 7
    elif damage == "texts":
        texts = b'{"index": 99, "file": "a", "line": 1, "part": "train"}'
    else:
        summary["dataset_version"] = "../v"
    np.save(run.label_preview_facts, facts)
    run.label_preview_texts.write_bytes(texts)
    write_json(run.label_preview_file, summary)
    with pytest.raises(UserFacingError) as refusal:
        LabelPreview.load(run)
    assert refusal.value.code == "learning.damaged"


def test_a_stored_reason_is_read_in_the_present_language(monkeypatch):
    stored = REJECTED.format(reason="System role not supported")
    text = LabelledText(index=0, file="a", line=1, part="train", fault=stored)
    assert text.problem == stored == in_the_present_language(stored)
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en_XA")
    assert text.problem.startswith("⟦") and "System role not supported" in text.problem
    assert in_the_present_language(EMPTY).startswith("⟦")
    assert in_the_present_language("Something else.") == "Something else."
    assert in_the_present_language("") == ""
