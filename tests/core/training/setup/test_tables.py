"""The tokens of a run's examples."""

import pytest

from core.config.training import TrainingConfig
from core.data.dataset import DatasetVersion
from core.errors import UserFacingError
from core.jobs.link import JobLink
from core.project import RunFolder
from core.training.setup.tables import part_table


def test_a_part_without_examples_is_said(walked, tokenizer, tmp_path):
    version = DatasetVersion.load(walked.project.versions / walked.report.content_hash)
    empty = DatasetVersion(version.folder, version.meta.model_copy(update={"counts": {"train": 0}}))
    folder = RunFolder(tmp_path)
    with JobLink(folder) as link, pytest.raises(UserFacingError) as refusal:
        part_table(
            folder,
            link,
            version=empty,
            part="train",
            tokenizer=tokenizer,
            config=TrainingConfig(),
        )
    assert refusal.value.code == "data.empty_part"
