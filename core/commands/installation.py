"""The terminal commands about this installation: check it, fetch PyTorch, look for new versions."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from core import __version__
from core.actions.updates import fetching, look_for_update
from core.commands.options import add_command
from core.commands.terminal import run_job, say, write_document, write_lines
from core.doctor.examination import examine
from core.doctor.examination import report as doctor_report
from core.errors import UserFacingError
from core.installation.kind import kind_of_installation
from core.installation.plan import EnginePlan, EngineState, can_install, engine_state, plan_engine
from core.installation.spec import DIED, EngineParams, EngineResult
from core.installation.updates.feed import Release
from core.installation.updates.packages import Package, how_to_install, way_back
from core.installation.updates.packages import job_folder as job_folder_of_update
from core.installation.updates.spec import UpdateResult
from core.installation.variant import Variant, name_of
from core.installation.versions import go_back, job_folder, remove_engine
from core.language import N_, _
from core.models.hub.connection import OFFICIAL, checked_endpoint
from core.settings import load_settings, save_settings
from core.wording import gigabytes

_STOPPING = N_(
    "Stopping. What was downloaded is kept (press Ctrl-C again to leave without waiting)."
)
_DO = ("show", "install", "back", "remove")


def add_commands(commands: Any) -> None:
    """Add ``doctor``, ``engine`` and ``update``."""
    add_command(commands, "doctor", _doctor, _("check this machine and this installation"))
    engine = add_command(commands, "engine", _engine, _("install PyTorch for your graphics card"))
    engine.add_argument("do", nargs="?", choices=_DO, default="show")
    engine.add_argument(
        "--variant",
        choices=[variant.value for variant in Variant],
        default=None,
        help=_("another build than the one that suits your card"),
    )
    engine.add_argument(
        "--source",
        default="",
        metavar="FROM",
        help=_("folder with the wheels, or address of a package index"),
    )
    engine.add_argument("--proxy", default="", metavar="URL", help=_("proxy for this download"))
    engine.add_argument("--yes", action="store_true", help=_("do not ask before downloading"))
    update = add_command(commands, "update", _update, _("look for a new version of Homelab Tuner"))
    update.add_argument("do", nargs="?", choices=("look", "fetch", "back"), default="look")
    update.add_argument(
        "--weekly", choices=("on", "off"), default=None, help=_("look once a week by itself")
    )


def _doctor(options: argparse.Namespace) -> None:
    checks = examine()
    if options.json:
        write_document(doctor_report(checks))
    else:
        for check in checks:
            write_lines([f"{'ok ' if check.ok else 'NO '} {check.name}: {check.seen}"])
            if check.todo:
                write_lines([f"    {check.todo}"])
            if check.line and check.line not in check.todo:
                write_lines([f"    {check.line}"])
    if not all(check.ok for check in checks):
        raise UserFacingError(
            "doctor.problems", _("Something is wrong."), _("See the lines above.")
        )


def _engine(options: argparse.Namespace) -> None:
    match options.do:
        case "install":
            _install(options)
        case "back":
            record = go_back()
            _tell(options, {"torch": record.torch, "variant": record.variant},
                  _("PyTorch {version} is in use again.", version=record.torch))  # fmt: skip
        case "remove":
            remove_engine()
            _tell(options, {"torch": None}, _("The PyTorch that was installed here is deleted."))
        case _:
            _show(options)


def _update(options: argparse.Namespace) -> None:
    if options.weekly is not None:
        save_settings(load_settings().model_copy(update={"look_weekly": options.weekly == "on"}))
    if options.do == "back":
        _way_back(options)
        return
    offered = look_for_update()
    newest = offered.newest
    if newest is None:
        document: dict[str, object] = {"newest": None}
        _tell(options, document, _("This is the newest version ({version}).", version=__version__))
    elif options.do == "look":
        _tell(options, {"newest": newest.version, "date": newest.date},
              _("Version {version} is available.", version=newest.version))  # fmt: skip
        for release in offered.releases:
            for change in release.changes:
                say(f"{release.version}: {change}")  # not shown as a sentence: from the changelog
        say(_("Download it with: homelab-tuner update fetch"))
    else:
        result = _fetch_update(newest)
        package = Package(result.version, Path(result.path))
        _tell(options, result.document(), how_to_install(package, kind_of_installation()))


def _fetch_update(release: Release) -> UpdateResult:
    result = run_job(job_folder_of_update(), fetching(release), stopping=_(_STOPPING))
    if result.path:
        return result
    raise UserFacingError(
        "update.stopped",
        _("The download stopped. {size} are kept.", size=gigabytes(result.kept)),
        _("The same command continues it."),
    )


def _way_back(options: argparse.Namespace) -> None:
    package = way_back(__version__)
    if package is None:
        raise UserFacingError(
            "update.no_way_back",
            _("No package of an earlier version is kept here."),
            _("From your first update on, the version before it is kept."),
        )
    line = how_to_install(package, kind_of_installation(), back=True)
    _tell(options, {"version": package.version, "path": str(package.path)}, line)


def _tell(options: argparse.Namespace, document: dict[str, object], text: str) -> None:
    if options.json:
        write_document(document)
    say(text)


def _show(options: argparse.Namespace) -> None:
    state = engine_state()
    plan = _plan(options) if can_install() else None
    if options.json:
        write_document(_document(state, plan))
        return
    write_lines(state_lines(state))
    if plan is not None and not state.carried and not plan.is_installed:
        write_lines(["", *plan.lines()])
        say(_("Install it with: homelab-tuner engine install"))


def state_lines(state: EngineState) -> list[str]:
    """Return what is there as lines to read."""
    lines: list[str] = []
    if state.record is not None:
        lines += [_("PyTorch {version} is installed.", version=state.record.torch)]
    elif state.carried:
        lines += [_("PyTorch came with this installation.")]
    else:
        lines += [_("PyTorch, which does the computing, is not installed yet.")]
    if state.before is not None:
        lines.append(_("You can go back to version {version}.", version=state.before.torch))
    if state.kept:
        lines.append(_("{size} of an unfinished download are kept.", size=gigabytes(state.kept)))
    return lines


def _document(state: EngineState, plan: EnginePlan | None) -> dict[str, object]:
    return {
        "installed": state.record.torch if state.record else None,
        "carried": state.carried,
        "before": state.before.torch if state.before else None,
        "plan": None
        if plan is None
        else {
            "variant": plan.variant,
            "suits": plan.choice.variant,
            "torch": plan.lock.torch,
            "download_bytes": plan.missing,
            "disk_bytes": plan.needed,
            "from": list(plan.source.hosts(plan.rest)),
        },
    }


def _plan(options: argparse.Namespace) -> EnginePlan:
    wanted = Variant(options.variant) if options.variant else None
    return plan_engine(wanted, options.source)


def _install(options: argparse.Namespace) -> None:
    plan = _plan(options)
    for line in plan.lines():
        say(line)
    if not options.yes:
        _confirm(plan)
    proxy = options.proxy or load_settings().hub_proxy
    params = EngineParams(
        lock=plan.lock, source=options.source, proxy=checked_endpoint(OFFICIAL, proxy).proxy
    )
    result = _fetched(params)
    if not result.version:
        raise UserFacingError(
            "engine.stopped",
            _("The download stopped. {size} are kept.", size=gigabytes(result.kept)),
            _("The same command continues it."),
        )
    if options.json:
        write_document(result.document())
    say(_("PyTorch works: {seen}", seen=result.seen))


def _fetched(params: EngineParams) -> EngineResult:
    """Run the job; one that died is continued by the same command."""
    try:
        return run_job(job_folder(), params, stopping=_(_STOPPING))
    except UserFacingError as error:
        if error.code not in DIED:
            raise
        again = _("The same command continues it.")
        raise UserFacingError(error.code, error.what, again, error.details) from error


def _confirm(plan: EnginePlan) -> None:
    """Ask before the first byte.

    Raises:
        UserFacingError: the answer is no, or nobody can be asked (code ``engine.not_agreed``).
    """
    answer = ""
    if sys.stdin.isatty():
        name = name_of(plan.variant)
        sys.stderr.write(
            _("Download {size} and install {name}? [y/N] ", size=gigabytes(plan.missing), name=name)
        )
        sys.stderr.flush()
        answer = sys.stdin.readline()
    if answer.strip().lower() not in ("y", "yes"):
        raise UserFacingError(
            "engine.not_agreed",
            _("Nothing was downloaded."),
            _("Add --yes to download {size} without being asked.", size=gigabytes(plan.missing)),
        )
