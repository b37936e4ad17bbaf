"""A folder that may not be written to is said at the first step that needs it."""

import pytest

from core.errors import UserFacingError
from core.project import Project
from core.storage.files import write_text
from core.storage.transaction import staged_folder


def refused(action):
    with pytest.raises(UserFacingError) as refusal:
        action()
    return refusal.value.code


def test_a_project_cannot_be_made_there(read_only_disk):
    assert refused(lambda: Project.create(read_only_disk / "p")) == "disk.no_permission"


def test_a_file_cannot_be_written_there(read_only_disk):
    assert refused(lambda: write_text(read_only_disk / "a", "x")) == "disk.no_permission"


def test_an_export_cannot_be_made_there(read_only_disk):
    def export():
        with staged_folder(read_only_disk / "adapter"):
            pass

    assert refused(export) == "disk.no_permission"
