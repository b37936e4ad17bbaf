"""What went wrong between this computer and a hub, as one sentence and a next step."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core.errors import UserFacingError
from core.language import N_, _
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
_AGAIN = N_("Try again later. What you have downloaded so far is kept.")
_USE_WHAT_IS_HERE = N_("Models on this computer can still be used. Try again once you are online.")


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
        (errors.OfflineModeIsEnabled, lambda _e: kept_offline()),
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
        _(
            "{host} refused the request (error {status}).",
            host=endpoint.host,
            status=error.response.status_code,
        ),
        _("Check the model's name. If it is right, try again later."),
        str(error),
    )


def _gated(endpoint: Endpoint, reference: HubReference, error: Any) -> UserFacingError:
    from core.models.hub.access import Access, access_error

    no_token = error.response.status_code == _UNAUTHORISED
    access = Access.NO_TOKEN if no_token else Access.TERMS
    if "awaiting a review" in str(error):  # not shown: words of the hub
        access = Access.WAITING
    return access_error(access, endpoint, reference, str(error))


def _unauthorised(endpoint: Endpoint, reference: HubReference, error: Exception) -> UserFacingError:
    from core.models.hub.access import Access, access_error

    if "invalid" in str(error).lower():  # the hub says “Invalid credentials”
        return access_error(Access.BAD_TOKEN, endpoint, reference, str(error))
    return _missing(endpoint, reference, error)


def _forbidden(endpoint: Endpoint, reference: HubReference, error: Exception) -> UserFacingError:
    from core.models.hub.access import Access, access_error

    return access_error(Access.FORBIDDEN, endpoint, reference, str(error))


def _missing(endpoint: Endpoint, reference: HubReference, error: Exception) -> UserFacingError:
    from huggingface_hub import errors

    if isinstance(error, errors.RemoteEntryNotFoundError):
        return UserFacingError(
            "hub.file_gone",
            _(
                "A file of “{model}” is no longer on {host}.",
                model=reference.repo,
                host=endpoint.host,
            ),
            _("Start the download again. It will take the newest version."),
            str(error),
        )
    return UserFacingError(
        "hub.no_model",
        _(
            "{host} has no model “{model}”, or it is private.",
            host=endpoint.host,
            model=reference.repo,
        ),
        _(
            "Check the spelling on the model's page. A private model needs an access token (in "
            "the terminal: --token)."
        ),
        str(error),
    )


def _no_revision(endpoint: Endpoint, reference: HubReference, error: Exception) -> UserFacingError:
    return UserFacingError(
        "hub.no_revision",
        _(
            "“{model}” has no version “{version}” on {host}.",
            model=reference.repo,
            version=reference.revision,
            host=endpoint.host,
        ),
        _(
            "Leave the version out to get the newest, or look it up under “Files” on the model's "
            "page."
        ),
        str(error),
    )


def _disabled(endpoint: Endpoint, reference: HubReference, error: Exception) -> UserFacingError:
    return UserFacingError(
        "hub.disabled",
        _("{host} has disabled “{model}”.", host=endpoint.host, model=reference.repo),
        _("Choose another model. The model's page may say why."),
        str(error),
    )


def _no_range(endpoint: Endpoint, reference: HubReference, error: Exception) -> UserFacingError:
    return UserFacingError(
        "hub.no_range",
        _("{host} cannot resume a file of “{model}”.", host=endpoint.host, model=reference.repo),
        _("Start the download again. That file will start from the beginning."),
        str(error),
    )


def _busy(endpoint: Endpoint, seconds: float | None) -> UserFacingError:
    return UserFacingError(
        "hub.busy",
        _("{host} has received too many requests from your address.", host=endpoint.host),
        _try_again(seconds),
    )


def _try_again(seconds: float | None) -> str:
    if seconds is None:
        return _(
            "Try again later. An access token raises the limit. What you have downloaded so far is "
            "kept."
        )
    if seconds < 120:
        return _(
            "Try again in {seconds:.0f} s. An access token raises the limit. What you have "
            "downloaded so far is kept.",
            seconds=seconds,
        )
    return _(
        "Try again in {minutes:.0f} min. An access token raises the limit. What you have "
        "downloaded so far is kept.",
        minutes=seconds / 60,
    )


def _down(endpoint: Endpoint, _reference: HubReference, error: Any) -> UserFacingError:
    status = error.response.status_code
    return UserFacingError(
        "hub.down",
        _("{host} is having a problem (error {status}).", host=endpoint.host, status=status),
        _(_AGAIN),
        str(error),
    )


def _proxy_login(
    endpoint: Endpoint, _reference: HubReference | None = None, error: Any = ""
) -> UserFacingError:
    return UserFacingError(
        "hub.proxy_login",
        _("The proxy between this computer and the hub needs a user name and a password."),
        _(
            "Pass them with --proxy http://name:password@{host}, or set HTTPS_PROXY.",
            host=_proxy_host(endpoint),
        ),
        _hidden(str(error)),
    )


def _proxy_host(endpoint: Endpoint) -> str:
    return endpoint.proxy.rpartition("@")[2].rpartition("/")[2] or "proxy.example:3128"


def _proxy(endpoint: Endpoint, error: Exception) -> UserFacingError:
    if str(_PROXY) in str(error):
        return _proxy_login(endpoint, None, error)
    return UserFacingError(
        "hub.proxy",
        _("The proxy cannot reach {host}.", host=endpoint.host),
        _("Check the address after --proxy, or HTTPS_PROXY in the environment."),
        _hidden(str(error)),
    )


def _hidden(text: str) -> str:
    """Leave the password of a proxy out of what may be reported."""
    return re.sub(r"//[^/@\s]+@", "//…@", text)


def _unreachable(endpoint: Endpoint, error: Exception) -> UserFacingError:
    if "CERTIFICATE" in str(error).upper():
        return UserFacingError(
            "hub.certificate",
            _("This computer does not trust the certificate of {host}.", host=endpoint.host),
            _(
                "Check this computer's date. A company network may need its own certificate "
                "(SSL_CERT_FILE)."
            ),
            str(error),
        )
    if endpoint.proxy:
        return _proxy(endpoint, error)
    return UserFacingError(
        "hub.offline",
        _("This computer cannot reach {host}. It is probably offline.", host=endpoint.host),
        _(_USE_WHAT_IS_HERE),
        _hidden(str(error)),
    )


def broke_off(endpoint: Endpoint, error: Exception) -> UserFacingError:
    """Return the sentence for a connection that breaks again and again."""
    return UserFacingError(
        "hub.broke_off",
        _("The connection to {host} keeps breaking.", host=endpoint.host),
        _("Start the download again when the connection is better. It continues where it stopped."),
        str(error),
    )


def bad_answer(endpoint: Endpoint, error: Exception | str) -> UserFacingError:
    """Return the sentence for an answer that no hub gives."""
    return UserFacingError(
        "hub.bad_answer",
        _("{host} did not answer like a model hub.", host=endpoint.host),
        _("Open it in a browser: the network may ask you to log in. Or check --endpoint."),
        str(error)[:2000],
    )
