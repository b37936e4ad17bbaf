"""What the page Daily use reads of the project. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.data.dataset import DatasetVersion
from core.project import Project
from core.serving.use.record import Counts, RecordSettings, Use, UseRecord, record_settings
from core.serving.use.unlike import Found, unlike_the_examples
from core.storage.ordinary import is_ordinary_file


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of the project."""

    runs: tuple[str, ...]
    settings: RecordSettings
    counts: Counts | None
    times: tuple[tuple[float, float], ...]
    to_review: tuple[Use, ...]
    unlike: Found | None = None
    version: str = ""


def look_at(project: Project, version: str, before: Seen | None) -> Seen:
    """Read the project; comparing with the examples takes long, so only what is new is compared."""
    from core.actions.serving import runs_to_serve

    same = runs_to_serve(project)
    settings = record_settings(project)
    if not is_ordinary_file(project.use_file):  # opening it would make it
        return Seen(same, settings, None, (), ())
    with UseRecord(project) as record:
        seen = Seen(
            runs=same,
            settings=settings,
            counts=record.counts(),
            times=tuple(record.latency()),
            to_review=tuple(record.to_review()),
            version=version,
        )
        if before is not None and before.version == version and _as_many(before, seen):
            return replace(seen, unlike=before.unlike)
        newest = record.newest()
    if not version or not newest or not settings.characters:
        return seen
    examples = DatasetVersion.load(project.version_folder(version))
    return replace(seen, unlike=unlike_the_examples(newest, examples, settings.characters))


def _as_many(one: Seen, other: Seen) -> bool:
    if one.counts is None or other.counts is None:
        return False
    return one.counts.requests == other.counts.requests and one.settings == other.settings
