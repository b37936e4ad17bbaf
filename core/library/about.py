"""What you say about a fine-tune: its name, notes, and whether it is out of the way."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import UserFacingError
from core.language import _
from core.project import Project, RunFolder
from core.storage.files import read_json, write_json
from core.storage.ordinary import is_ordinary_file

LONGEST_NAME = 80
LONGEST_NOTES = 4000
_LIMIT = 1 << 16  # bytes


class About(BaseModel):
    """Kept in the run's folder, which may come from elsewhere.

    Attributes:
        name: what you call it, ``""``: by its project and run.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(default="", max_length=LONGEST_NAME)
    notes: str = Field(default="", max_length=LONGEST_NOTES)
    archived: bool = False


def read_about(run: RunFolder) -> About:
    """Return what was said; nothing where nothing can be read."""
    if not is_ordinary_file(run.about_file):
        return About()
    try:
        return About.model_validate(read_json(run.about_file, _LIMIT))
    except (UserFacingError, ValidationError):
        return About()


def called(run: RunFolder, about: About | None = None) -> str:
    """Return what you call a fine-tune, else its project's name and from the second run its number.

    Runs of other kinds, and those whose project cannot be read, go by their folder.

    Args:
        about: what is known or will be written of it; by default, what its folder holds.
    """
    about = read_about(run) if about is None else about
    return about.name or _by_project(run, _name_of(Project(run.root.parent.parent)))


def names_of(project: Project) -> dict[str, str]:
    """Return what you call each fine-tune of a project, by its run."""
    name, runs = _name_of(project), project.runs("train")  # the name is read once for all
    return {run.name: read_about(run).name or _by_project(run, name) for run in runs}


def _name_of(project: Project) -> str:
    try:
        return project.name
    except UserFacingError:
        return ""


def _by_project(run: RunFolder, project: str) -> str:
    kind, _dash, number = run.name.partition("-")
    if kind != "train" or not number.isdecimal() or not project:
        return run.name
    if int(number) == 1:
        return project
    return _("{project}, run {number}", project=project, number=int(number))


def write_about(run: RunFolder, about: About) -> None:
    """Keep it.

    Raises:
        UserFacingError: the disk refuses.
    """
    write_json(run.about_file, about.model_dump())


def named(name: str, notes: str, before: About) -> About:
    """Return the same with another name and other notes, as long as they may be."""
    words = " ".join(name.split())[:LONGEST_NAME].strip()
    return before.model_copy(update={"name": words, "notes": notes.strip()[:LONGEST_NOTES]})
