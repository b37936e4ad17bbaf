"""What went wrong between this computer and a hub, as one sentence and a next step."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core.errors import UserFacingError
from core.models.hub.connection import (
    BadAnswerError,
    BrokenStreamError,
    Connection,
    Endpoint,
    HubIsBusyError,
    kept_offline,
)
from core.models.hub.reference import HubReference

_UNAUTHORISED, _FORBIDDEN, _MISSING, _PROXY, _RANGE, _LEGAL = 401, 403, 404, 407, 416, 451
_SERVER_FAULT = 500
_AGAIN = "Try again in a while; what has arrived is kept."
_USE_WHAT_IS_HERE = "Models on this computer can be used as before; try again once connected."


@contextmanager
def explained(connection: Connection, reference: HubReference) -> Iterator[None]:
    """Turn what the client library raises into sentences; the disk's own refusals pass.

    Raises:
        UserFacingError: see :func:`explain`.
    """
    try:
        yield
    except UserFacingError:
        raise
    except Exception as error:
        of_disk = isinstance(error, OSError) and error.errno is not None
        if _of_client(error) or (isinstance(error, _ODD) and not of_disk):
            raise explain(error, connection.endpoint, reference) from error
        raise


_ODD = (
    ValueError, TypeError, KeyError, AttributeError, OSError,
    BadAnswerError, BrokenStreamError, HubIsBusyError,
)  # fmt: skip
# what the client's own reading of a strange answer ends in


def _of_client(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] in ("httpx2", "httpcore2", "huggingface_hub")


def explain(error: Exception, endpoint: Endpoint, reference: HubReference) -> UserFacingError:
    """Return the sentence for whatever the client raised (codes ``hub.…``)."""
    import httpx2
    from huggingface_hub import errors

    breaks = (
        BrokenStreamError, httpx2.TimeoutException, httpx2.NetworkError, httpx2.ProtocolError,
    )  # fmt: skip
    said: list[tuple[Any, Callable[[Any], UserFacingError]]] = [  # the first that fits counts
        (HubIsBusyError, lambda e: _busy(endpoint, e.seconds)),
        (errors.OfflineModeIsEnabled, lambda _: kept_offline()),
        (errors.HfHubHTTPError, lambda e: _of_status(e, endpoint, reference)),
        (httpx2.ProxyError, lambda e: _proxy(endpoint, e)),
        (httpx2.ConnectError | httpx2.ConnectTimeout, lambda e: _unreachable(endpoint, e)),
        (breaks, lambda e: broke_off(endpoint, e)),
        (errors.HFValidationError, lambda e: bad_answer(endpoint, e)),
        (OSError, lambda e: broke_off(endpoint, e)),
    ]
    found = next((sentence for kind, sentence in said if isinstance(error, kind)), None)
    return found(error) if found else bad_answer(endpoint, error)


def _of_status(error: Any, endpoint: Endpoint, reference: HubReference) -> UserFacingError:
    from huggingface_hub import errors

    status = error.response.status_code
    kinds: list[tuple[type[Exception], _Sentence]] = [
        (errors.GatedRepoError, _gated),
        (errors.RevisionNotFoundError, _no_revision),
        (errors.DisabledRepoError, _disabled),
    ]
    statuses: dict[int, _Sentence] = {
        _UNAUTHORISED: _unauthorised, _FORBIDDEN: _forbidden, _MISSING: _missing,
        _PROXY: _proxy_login, _RANGE: _no_range, _LEGAL: _disabled,
    }  # fmt: skip
    known = next((sentence for kind, sentence in kinds if isinstance(error, kind)), None)
    usual = _down if status >= _SERVER_FAULT else _refused
    return (known or statuses.get(status, usual))(endpoint, reference, error)


_Sentence = Callable[[Endpoint, HubReference, Any], UserFacingError]


def _refused(endpoint: Endpoint, _reference: HubReference, error: Any) -> UserFacingError:
    return UserFacingError(
        "hub.refused",
        f"{endpoint.host} refused the request (error {error.response.status_code}).",
        "Check the model's name; if it is right, try again later.",
        str(error),
    )


def _gated(endpoint: Endpoint, reference: HubReference, error: Any) -> UserFacingError:
    from core.models.hub.gated import Access, access_error

    no_token = error.response.status_code == _UNAUTHORISED
    access = Access.NO_TOKEN if no_token else Access.TERMS
    if "awaiting a review" in str(error):
        access = Access.WAITING
    return access_error(access, endpoint, reference, str(error))


def _unauthorised(endpoint: Endpoint, reference: HubReference, error: Exception) -> UserFacingError:
    from core.models.hub.gated import Access, access_error

    if "Invalid credentials" in str(error) or "invalid" in str(error).lower():
        return access_error(Access.BAD_TOKEN, endpoint, reference, str(error))
    return _missing(endpoint, reference, error)


def _forbidden(endpoint: Endpoint, reference: HubReference, error: Exception) -> UserFacingError:
    from core.models.hub.gated import Access, access_error

    return access_error(Access.FORBIDDEN, endpoint, reference, str(error))


def _missing(endpoint: Endpoint, reference: HubReference, error: Exception) -> UserFacingError:
    from huggingface_hub import errors

    if isinstance(error, errors.RemoteEntryNotFoundError):
        return UserFacingError(
            "hub.file_gone",
            f"A file of “{reference.repo}” is no longer on {endpoint.host}.",
            "Start the download again; it then takes the newest version.",
            str(error),
        )
    return UserFacingError(
        "hub.no_model",
        f"{endpoint.host} has no model “{reference.repo}”, or it is private.",
        "Check the spelling on the model's page; a private one needs an access token (--token).",
        str(error),
    )


def _no_revision(endpoint: Endpoint, reference: HubReference, error: Exception) -> UserFacingError:
    return UserFacingError(
        "hub.no_revision",
        f"“{reference.repo}” has no version “{reference.revision}” on {endpoint.host}.",
        "Leave the version out to get the newest, or look it up under “Files” on its page.",
        str(error),
    )


def _disabled(endpoint: Endpoint, reference: HubReference, error: Exception) -> UserFacingError:
    return UserFacingError(
        "hub.disabled",
        f"{endpoint.host} has switched “{reference.repo}” off.",
        "Choose another model; its page may say why.",
        str(error),
    )


def _no_range(endpoint: Endpoint, reference: HubReference, error: Exception) -> UserFacingError:
    return UserFacingError(
        "hub.no_range",
        f"{endpoint.host} cannot continue a file of “{reference.repo}” where it broke off.",
        "Start the download again; that file then begins from its start.",
        str(error),
    )


def _busy(endpoint: Endpoint, seconds: float | None) -> UserFacingError:
    when = f"in {seconds:.0f} s" if seconds is not None and seconds < 120 else "in a while"
    when = f"in {seconds / 60:.0f} min" if seconds is not None and seconds >= 120 else when
    return UserFacingError(
        "hub.busy",
        f"{endpoint.host} has had too many requests from your address.",
        f"Try again {when}; an access token raises the limit. What has arrived is kept.",
    )


def _down(endpoint: Endpoint, _reference: HubReference, error: Any) -> UserFacingError:
    status = error.response.status_code
    return UserFacingError(
        "hub.down", f"{endpoint.host} has a fault of its own (error {status}).", _AGAIN, str(error)
    )


def _proxy_login(
    endpoint: Endpoint, _reference: HubReference | None = None, error: Any = ""
) -> UserFacingError:
    return UserFacingError(
        "hub.proxy_login",
        "The proxy between this computer and the hub asks for a name and a password.",
        f"Give them with --proxy http://name:password@{_proxy_host(endpoint)}, or set HTTPS_PROXY.",
        _hidden(str(error)),
    )


def _proxy_host(endpoint: Endpoint) -> str:
    return endpoint.proxy.rpartition("@")[2].rpartition("/")[2] or "proxy.example:3128"


def _proxy(endpoint: Endpoint, error: Exception) -> UserFacingError:
    if str(_PROXY) in str(error):
        return _proxy_login(endpoint, None, error)
    return UserFacingError(
        "hub.proxy",
        f"The proxy does not lead to {endpoint.host}.",
        "Check the address after --proxy, or HTTPS_PROXY in the environment.",
        _hidden(str(error)),
    )


def _hidden(text: str) -> str:
    """Leave the password of a proxy out of what may be reported."""
    return re.sub(r"//[^/@\s]+@", "//…@", text)


def _unreachable(endpoint: Endpoint, error: Exception) -> UserFacingError:
    if "CERTIFICATE" in str(error).upper():
        return UserFacingError(
            "hub.certificate",
            f"The certificate of {endpoint.host} is not one that this computer trusts.",
            "Check this computer's date; a company may have its own certificate (SSL_CERT_FILE).",
            str(error),
        )
    if endpoint.proxy:
        return _proxy(endpoint, error)
    return UserFacingError(
        "hub.offline",
        f"This computer cannot reach {endpoint.host}; it is probably offline.",
        _USE_WHAT_IS_HERE,
        _hidden(str(error)),
    )


def broke_off(endpoint: Endpoint, error: Exception) -> UserFacingError:
    """Return the sentence for a connection that breaks again and again."""
    return UserFacingError(
        "hub.broke_off",
        f"The connection to {endpoint.host} keeps breaking off.",
        "Start the download again when the line is better; it goes on where it was.",
        str(error),
    )


def bad_answer(endpoint: Endpoint, error: Exception | str) -> UserFacingError:
    """Return the sentence for an answer that no hub gives."""
    return UserFacingError(
        "hub.bad_answer",
        f"{endpoint.host} did not answer as a model hub does.",
        "Open it in a browser: a network's log-in page may be in between. Or check --endpoint.",
        str(error)[:2000],
    )
