"""A job in a process of its own gives its result, its error, or ends with a cancel."""

import pytest

from core.errors import UserFacingError
from core.export.children import result_of
from core.export.spec import MergedProofParams
from core.jobs.link import Cancelled, JobLink
from core.project import RunFolder
from core.storage.files import write_json


@pytest.fixture
def params(tmp_path):
    return MergedProofParams(
        export=str(tmp_path / "nothing"),
        base_model=str(tmp_path / "nothing"),
        adapter=str(tmp_path / "nothing"),
        onto="original",
        chats=[],
        prompts=[],
        ids=[],
        ends=[2],
    )


def folders(tmp_path) -> list[RunFolder]:
    made = [RunFolder(tmp_path / name) for name in ("export-001", "export-001/proof")]
    for folder in made:
        folder.root.mkdir()
    return made


def test_what_fails_in_the_child_fails_here(tmp_path, params):
    parent, child = folders(tmp_path)
    with JobLink(parent) as link, pytest.raises(UserFacingError):
        result_of(child, params, link)


def test_a_cancel_ends_the_child(tmp_path, params):
    parent, child = folders(tmp_path)
    write_json(parent.control_file, {"request": "cancel"})
    with JobLink(parent) as link, pytest.raises(Cancelled):
        result_of(child, params, link)
