"""The terminal command that downloads a base model from the hub."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from core.commands.options import add_command
from core.commands.terminal import run_job, say, write_document, write_lines
from core.errors import UserFacingError
from core.language import N_, _
from core.models.hub.connection import (
    OFFICIAL,
    Endpoint,
    checked_endpoint,
    chosen_endpoint,
    require_online,
)
from core.models.hub.download import DownloadParams, DownloadResult
from core.models.hub.listing import Listing
from core.models.hub.local import find_by_name
from core.models.hub.offer import Offer, OfferParams
from core.models.hub.reference import HubReference, parse_reference
from core.models.hub.store import (
    KeptModel,
    find_kept,
    read_record,
    run_folder,
    staging_folder,
)
from core.models.hub.tokens import keep_token
from core.planning.offer_text import offer_lines
from core.project import RunFolder
from core.settings import load_settings, save_settings
from core.wording import gigabytes

_STOPPING = N_(
    "Stopping. What was downloaded is kept (press Ctrl-C again to leave without waiting)."
)
_PUBLIC = "public"
_GONE = ("hub.no_revision", "hub.file_gone")


def add_commands(commands: Any) -> None:
    """Add ``download``."""
    download = add_command(commands, "download", _download, _("download a base model from the hub"))
    download.add_argument("model", metavar="MODEL", help=_("name, OWNER/NAME or link"))
    download.add_argument("--revision", default="", metavar="R", help=_("branch, tag or commit"))
    download.add_argument(
        "--again",
        action="store_true",
        help=_("download even if another program already has the model"),
    )
    download.add_argument(
        "--endpoint",
        default="",
        metavar="URL",
        help=_(
            "address of a mirror or private hub, which is remembered; or {public}", public=_PUBLIC
        ),
    )
    download.add_argument("--proxy", default="", metavar="URL", help=_("proxy for this download"))
    download.add_argument("--yes", action="store_true", help=_("do not ask before downloading"))
    download.add_argument(
        "--token", action="store_true", help=_("ask for your access token first, and keep it")
    )


def _download(options: argparse.Namespace) -> None:
    require_online()
    _choose_way(options.endpoint, options.proxy)
    endpoint = chosen_endpoint()
    hosts = frozenset({endpoint.host})
    reference = parse_reference(options.model, options.revision, hosts)
    if options.token:
        say(keep_token(endpoint, _asked_token(endpoint)))
    if (kept := find_kept(reference)) is not None:
        _show_kept(options, kept)
        return
    if not options.again and not options.revision and (found := find_by_name(reference)):
        _show_found(options, reference, found)
        return
    run = run_folder(reference.repo)
    listing = _begun(run, reference)
    if listing is not None:
        done = sum(1 for file in listing.files if (staging_folder(run) / file.name).exists())
        say(
            _(
                "Continuing with version {version}: {done} of {total} files are here.",
                version=listing.commit[:8],
                done=done,
                total=len(listing.files),
            )
        )
        try:
            _finish(options, _fetch(run, listing, endpoint))
        except UserFacingError as error:
            if error.code not in _GONE:
                raise
            say(_("{what} The newest version is used instead.", what=error.what))
        else:
            return
    offer = ask_for_offer(reference, endpoint)
    for line in offer_lines(offer):
        say(line)
    if not options.yes:
        _confirm(offer)
    _finish(options, _fetch(run, offer.listing, endpoint), offer)


def _choose_way(url: str, proxy: str) -> None:
    """Keep the address of another hub; a proxy, which may hold a password, is not kept."""
    if url:
        kept = "" if url == _PUBLIC else checked_endpoint(url).url
        save_settings(load_settings().model_copy(update={"hub_endpoint": kept}))
    if proxy:
        way = checked_endpoint(OFFICIAL, proxy).proxy
        os.environ.update(dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy"), way))


def _begun(run: RunFolder, reference: HubReference) -> Listing | None:
    record = read_record(staging_folder(run))
    same = record is not None and reference.revision in (record.revision, record.commit)
    return record if same else None


def _asked_token(endpoint: Endpoint) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    return getpass.getpass(_("Access token for {host} (it is not shown): ", host=endpoint.host))


def ask_for_offer(reference: HubReference, endpoint: Endpoint) -> Offer:
    """Ask the hub what a download would bring.

    Raises:
        UserFacingError: it cannot be asked, or the model cannot be used.
    """
    params = OfferParams(repo=reference.repo, revision=reference.revision, endpoint=endpoint.url)
    with tempfile.TemporaryDirectory(prefix="homelab-tuner-") as scratch:
        return run_job(RunFolder(Path(scratch)), params, outlives=False)


def _confirm(offer: Offer) -> None:
    """Ask before the first byte of the model.

    Raises:
        UserFacingError: the answer is no, or nobody can be asked (code ``download.not_agreed``).
    """
    size = gigabytes(offer.listing.size)
    answer = ""
    if sys.stdin.isatty():
        sys.stderr.write(_("Download {size}? [y/N] ", size=size))
        sys.stderr.flush()
        answer = sys.stdin.readline()
    if answer.strip().lower() not in ("y", "yes"):
        raise UserFacingError(
            "download.not_agreed",
            _("Nothing was downloaded."),
            _("Add --yes to download {size} without being asked.", size=size),
        )


def _fetch(run: RunFolder, listing: Listing, endpoint: Endpoint) -> DownloadResult:
    params = DownloadParams(listing=listing, endpoint=endpoint.url)
    result = run_job(run, params, stopping=_(_STOPPING))
    if not result.base_model:
        raise UserFacingError(
            "download.stopped",
            _("The download stopped. {size} are kept.", size=gigabytes(result.kept)),
            _("The same command continues it."),
        )
    return result


def _finish(
    options: argparse.Namespace, result: DownloadResult, offer: Offer | None = None
) -> None:
    if options.json:
        document = {"download": result.document()}
        if offer is not None:
            document["offer"] = offer.document()
        write_document(document)
    else:
        write_lines([result.base_model])
    say(_("Every file was verified. Train with it: --base {model}", model=result.repo))


def _show_kept(options: argparse.Namespace, kept: KeptModel) -> None:
    listing = kept.listing
    result = DownloadResult(
        base_model=str(kept.folder), repo=listing.repo, commit=listing.commit, size=listing.size
    )
    say(_("Version {version} is already on this computer.", version=listing.commit[:8]))
    _finish(options, result)


def _show_found(options: argparse.Namespace, reference: HubReference, folder: Path) -> None:
    """Offer what another program has, without a copy."""
    if options.json:
        write_document({"found": {"base_model": str(folder), "repo": reference.repo}})
    else:
        write_lines([str(folder)])
    say(
        _(
            "It is already on this computer, so no copy is needed: --base {model}. "
            "Add --again to download it anyway.",
            model=reference.repo,
        )
    )
