"""The sample project: a real small task that the whole way can be walked with, without a network.

*Code documentation*: the source of a function from Python's standard library is asked for, one
sentence in the house format is answered: `` `name`: What it does. ``
"""

from __future__ import annotations

from pathlib import Path

from core.language import N_, _
from core.project import Project
from core.settings import default_projects_folder

NAME = N_("Sample project")
EXAMPLES = Path(__file__).resolve().parents[1] / "resources" / "sample" / "code-documentation.jsonl"
ANSWER_FORMAT = r"`[A-Za-z_][\w.]*`: [A-Z][^\n]*\."


def sample_folder() -> Path:
    """Return where the sample project is, or will be made, unless you say otherwise."""
    return default_projects_folder() / NAME


def open_sample(root: Path) -> Project:
    """Open the sample project in ``root``, or make it there.

    Raises:
        UserFacingError: other files are in the way, or the disk refuses.
    """
    if (root / "project.json").is_file():
        return Project.open(root)
    project = Project.create(root, _(NAME))
    project.update_info(sample=True, answer_format=ANSWER_FORMAT)
    return project
