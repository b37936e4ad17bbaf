"""Examples that a run pointed at, found again among the rows that were read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from core.data.dataset import DatasetVersion
from core.data.draft import Draft
from core.data.example import Example, Source
from core.errors import UserFacingError
from core.language import _


def rows_of_examples(draft_dir: Path, version_dir: Path, examples: Sequence[Example]) -> list[int]:
    """Return the numbers of the draft's rows that became these examples of a dataset version.

    A row is known by its file and line, and these hold only while the file is the one that the
    version was made from. Examples of a mixture that come from elsewhere have no row.

    Raises:
        UserFacingError: the version is gone, nothing was read, a file has
            changed since, or none of the examples comes from the files that were read.
    """
    wanted = {example.source for example in examples}
    receipt = DatasetVersion.load(version_dir).receipt()
    before = {source["label"]: source["sha256"] for source in receipt["sources"]}
    with Draft(draft_dir) as draft:
        now = {source.label: source.sha256 for source in draft.summary.sources}
        for name in sorted({_file_of(source, before) for source in wanted} & before.keys()):
            if now.get(name) != before[name]:
                raise _read_again(name)
        ours = {source for source in wanted if _file_of(source, before)}
        rows = [row for row in range(len(draft)) if draft.row(row).source in ours]
    if not rows:
        raise UserFacingError(
            "data.not_from_files",
            _("These examples do not come from your files."),
            _("You can mix in fewer of them under “Training mix”."),
        )
    return rows


def _file_of(source: Source, labels: Iterable[str]) -> str:
    """Return the label of the file that a row came from, ``""`` if it is none of these.

    A row of a table or a member inside a file is named below that file's label.
    """
    names = (name for name in labels if f"{source.file}/".startswith(f"{name}/"))
    return max(names, key=len, default="")


def _read_again(name: str) -> UserFacingError:
    return UserFacingError(
        "data.read_again",
        _("“{name}” is no longer the file that this run learned from.", name=name),
        _("Search the file for these examples by their text."),
    )
