from __future__ import annotations

from pathlib import Path

import pytest

from core.data.dataset import DatasetVersion
from core.errors import UserFacingError
from core.files import write_json
from core.project import Project
from core.settings import Settings
from gui.odd_examples import trained_examples
from gui.session import Session
from tests.gui.scenes import add_dataset


def test_indices_count_within_the_training_part(tmp_path: Path) -> None:
    session = Session(Settings())
    session.create_project(tmp_path / "project")
    name = add_dataset(session)
    project = session.require_project()
    run = project.new_run("train")
    write_json(run.job_file, {"kind": "train", "params": {"dataset_version": name}})
    train = list(DatasetVersion.load(project.versions / name).examples("train"))
    assert trained_examples(project, run, (9, 0, 4)) == [train[0], train[4], train[9]]
    session.close()


def test_a_version_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "project")
    run = project.new_run("train")
    write_json(run.job_file, {"kind": "train", "params": {"dataset_version": "0" * 32}})
    with pytest.raises(UserFacingError) as end:
        trained_examples(project, run, (1,))
    assert end.value.code == "dataset.version_missing"
