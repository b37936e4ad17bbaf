"""What a source of wheels refuses, in one sentence with a next step."""

from __future__ import annotations

from urllib.parse import urlsplit

from core.errors import UserFacingError
from core.installation.lock import RemoteFile
from core.language import N_, _

_PROXY_LOGIN = 407
_REFUSED = (401, 403)
_KEPT = N_("Check the network and try again. It continues where it stopped.")


def no_connection(address: str, error: Exception) -> UserFacingError:
    """Nobody answered; or a proxy in between did, and refused."""
    if str(_PROXY_LOGIN) in str(error):
        return explained_status(_PROXY_LOGIN, address)
    return UserFacingError(
        "engine.no_network",
        _("{host} cannot be reached.", host=_host(address)),
        _(
            "Check the network and try again; it continues where it stopped. Without a network, "
            "name a folder with the wheels."
        ),
        str(error),
    )


def broken_off(address: str, error: Exception) -> UserFacingError:
    """It answers, but does not deliver."""
    return UserFacingError(
        "engine.broken_off",
        _("{host} stopped sending.", host=_host(address)),
        _(_KEPT),
        str(error),
    )


def explained_status(status: int, address: str) -> UserFacingError:
    """Return the sentence for an answer that will not change by asking again."""
    details = f"{status} {address}"
    if status == _PROXY_LOGIN:
        return UserFacingError(
            "engine.proxy_login",
            _("The proxy asks for a name and a password."),
            _("Write them into its address: http://name:password@proxy.example:3128"),
            details,
        )
    if status in _REFUSED:
        return UserFacingError(
            "engine.refused",
            _("{host} refuses access.", host=_host(address)),
            _("Choose another source, or write name and password into its address."),
            details,
        )
    return UserFacingError(
        "engine.bad_answer",
        _(
            "{host} gave an answer that cannot be used ({status}).",
            host=_host(address),
            status=status,
        ),
        _("Try again later, or choose another source."),
        details,
    )


def wrong_hash(wheel: RemoteFile, where: str) -> UserFacingError:
    """Return the sentence for a file that is not the locked one."""
    return UserFacingError(
        "engine.wrong_hash",
        _(
            "“{file}” from {place} is not the expected file, so it is not used.",
            file=wheel.file,
            place=where,
        ),
        _("Try again. If it happens again, choose another source."),
    )


def _host(address: str) -> str:
    return urlsplit(address).netloc.rpartition("@")[2]
