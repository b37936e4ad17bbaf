from __future__ import annotations

from pathlib import Path

import pytest

from core.data.dataset import DatasetVersion
from core.errors import UserFacingError
from core.settings import Settings
from gui.rows.outliers import trained_examples
from gui.wizard.session import Session
from tests.gui.scenes import add_dataset


def test_indices_count_within_the_training_part(tmp_path: Path) -> None:
    session = Session(Settings())
    session.create_project(tmp_path / "project")
    version = session.require_project().versions / add_dataset(session)
    train = list(DatasetVersion.load(version).examples("train"))
    assert trained_examples(version, (9, 0, 4)) == [train[0], train[4], train[9]]
    session.close()


def test_a_version_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserFacingError) as end:
        trained_examples(tmp_path / ("0" * 32), (1,))
    assert end.value.code == "dataset.version_missing"
