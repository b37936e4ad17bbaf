import pytest

from core.project import Project
from core.serving.use.record import UseRecord


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "Projekt ü")


@pytest.fixture
def record(project):
    with UseRecord(project) as opened:
        yield opened
