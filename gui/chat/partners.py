"""Who can be talked to: the fine-tunes of the project, each with its base model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.conversations.system_prompt import common_system_prompt
from core.errors import UserFacingError
from core.library.about import called
from core.library.fine_tunes import list_fine_tunes
from core.models.whereabouts import find_base
from core.project import Project
from core.wizard import WizardState

_LOADED_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Partners:
    """The base model of the project and its fine-tunes, newest first.

    Attributes:
        tunes: run and base model of each fine-tune.
        base: answers where there is no fine-tune; ``None`` before one is chosen.
        names: what you call each fine-tune.
    """

    tunes: tuple[tuple[str, Path], ...] = ()
    base: Path | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def base_of(self, tune: str) -> Path | None:
        """Return the base model to load for a fine-tune, ``""`` for none."""
        return next((base for run, base in self.tunes if run == tune), self.base)

    def loaded_with(self, tune: str) -> tuple[str, ...]:
        """Return the fine-tunes that are loaded together with one, on the same base model."""
        base = self.base_of(tune)
        same = [run for run, other in self.tunes if other == base and run != tune]
        chosen = [tune] if tune else []
        return tuple((chosen + same)[:_LOADED_AT_ONCE])

    @property
    def several_bases(self) -> bool:
        """Whether the fine-tunes belong to different base models."""
        return len({base for _run, base in self.tunes}) > 1


def look_at(project: Project, state: WizardState) -> tuple[Partners, str]:
    """Return who can be talked to, and the system prompt of the examples."""
    version = state.dataset_version
    system = common_system_prompt(project.version_folder(version)) if version else ""
    return partners_of(project, state.base_model), system


def partners_of(project: Project, base_model: str) -> Partners:
    """Look at the project; ``base_model`` is the one that is chosen in it."""
    found = list_fine_tunes([project.root])
    bases = {tune.base_model: _here(project, str(tune.base_model)) for tune in found}
    tunes = [(tune.run.name, bases[tune.base_model]) for tune in found]
    return Partners(
        tuple(tunes),
        _first_base(tunes, base_model and str(_here(project, base_model))),
        {tune.run.name: called(tune.run) for tune in found},
    )


def _here(project: Project, base: str) -> Path:
    """Return where a base model is on this computer; loading says if it is nowhere."""
    try:
        return find_base(project, base)
    except UserFacingError:
        return Path(base)


def _first_base(tunes: Sequence[tuple[str, Path]], base_model: str) -> Path | None:
    if base_model:
        return Path(base_model)
    return tunes[0][1] if tunes else None
