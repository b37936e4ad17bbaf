from pathlib import Path

from core.export.work import Work
from core.project import RunFolder


def test_everything_of_one_saving_is_together():
    work = Work(RunFolder(Path("export-001")), None, [2], None, None)
    assert work.folder.name == "export-001"
    assert work.ends == [2]
