"""A new version of the application: looked for, fetched and installed when you ask for it."""

from __future__ import annotations

from pathlib import Path

from core.errors import UserFacingError
from core.installation.kind import Kind, kind_of_installation
from core.installation.updates.feed import Release, ReleaseFile
from core.installation.updates.looking import Offered, look
from core.installation.updates.own import own_release
from core.installation.updates.spec import UpdateParams
from core.jobs.supervisor import is_alive
from core.language import _
from core.project import Project
from core.settings import load_settings

_PROJECTS = 20  # of those opened last


def look_for_update() -> Offered:
    """Ask once for newer versions.

    Raises:
        UserFacingError: a run is in progress (``update.run_in_progress``), or see
            :func:`core.installation.updates.looking.look`.
    """
    require_no_run()
    return look(own_release(), load_settings().hub_proxy)


def require_no_run() -> None:
    """Refuse while a run of one of the projects is in progress: nothing may disturb it.

    Raises:
        UserFacingError: one is (code ``update.run_in_progress``).
    """
    for path in load_settings().recent[:_PROJECTS]:
        for run in Project(Path(path)).runs():
            if is_alive(run):
                raise UserFacingError(
                    "update.run_in_progress",
                    _("A run is in progress."),
                    _("Look for a new version when it has ended."),
                )


def package_of(release: Release, kind: Kind | None = None) -> ReleaseFile:
    """Return the package of a release for this installation.

    Raises:
        UserFacingError: it has none (code ``update.no_package``).
    """
    kind = kind or kind_of_installation()
    file = release.file_for(kind)
    if file is None:
        raise UserFacingError(
            "update.no_package",
            _("Version {version} has no package for this installation.", version=release.version),
            _("Update it with: pip install --upgrade homelab-tuner")
            if kind is Kind.PIP
            else _("Update it the way you got it, for example with git pull."),
        )
    return file


def fetching(release: Release) -> UpdateParams:
    """Return the parameters of the job that fetches a release.

    Raises:
        UserFacingError: see :func:`package_of` and :func:`require_no_run`.
    """
    require_no_run()
    return UpdateParams(
        version=release.version, file=package_of(release), proxy=load_settings().hub_proxy
    )
