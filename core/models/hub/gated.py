"""Models with terms: what is still missing, and the way there in numbered steps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.errors import UserFacingError
from core.models.hub.connection import Connection, Endpoint
from core.models.hub.reference import HubReference
from core.models.hub.refusals import explained


class Access(StrEnum):
    """How far the way to a model is."""

    OPEN = "open"
    NO_TOKEN = "no_token"  # noqa: S105 - a state, not a secret
    BAD_TOKEN = "bad_token"  # noqa: S105
    TERMS = "terms"
    WAITING = "waiting"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, with the page where it is done (``""`` where it is done here)."""

    text: str
    link: str = ""

    def sentence(self) -> str:
        """Return it with its link, for the terminal."""
        return f"{self.text} ({self.link})" if self.link else self.text


class AccessError(UserFacingError):
    """A model that is not open yet; ``steps`` lead to it, in their order."""

    def __init__(
        self, code: str, what: str, steps: tuple[Step, ...], access: Access, details: str = ""
    ) -> None:
        numbered = (f"{n}. {step.sentence()}" for n, step in enumerate(steps, 1))
        super().__init__(code, what, "\n".join(("These steps lead to it:", *numbered)), details)
        self.steps = steps
        self.access = access


def steps_to(access: Access, endpoint: Endpoint, repo: str) -> tuple[Step, ...]:
    """Return what is to be done until the model can be fetched, the last one being another try."""
    page = f"{endpoint.url}/{repo}"
    account = Step("Log in on the model's page; an account is free", page)
    terms = Step("Read the terms on that page and accept them", page)
    wait = Step("Wait for the answer of the model's owner; it comes by e-mail", page)
    token = Step("Create an access token of the type “Read”", f"{endpoint.url}/settings/tokens")
    paste = Step(f"Give it to this application: homelab-tuner download {repo} --token")
    rights = Step(
        "Allow the token to read gated models (“Read access to contents of all public gated "
        "repositories”)",
        f"{endpoint.url}/settings/tokens",
    )
    again = Step("Check again")
    return {
        Access.OPEN: (),
        Access.NO_TOKEN: (account, terms, token, paste, again),
        Access.BAD_TOKEN: (token, paste, again),
        Access.TERMS: (account, terms, again),
        Access.WAITING: (wait, again),
        Access.FORBIDDEN: (terms, rights, again),
    }[access]


def access_error(
    access: Access, endpoint: Endpoint, reference: HubReference, details: str = ""
) -> AccessError:
    """Return the error that says what is missing, with its steps."""
    repo = reference.repo
    code, what = {
        Access.OPEN: ("hub.gated", f"“{repo}” is open."),
        Access.NO_TOKEN: (
            "hub.gated",
            f"“{repo}” asks you to accept its terms first.",
        ),
        Access.BAD_TOKEN: ("hub.bad_token", f"{endpoint.host} does not know your access token."),
        Access.TERMS: ("hub.gated", f"Your account has not accepted the terms of “{repo}” yet."),
        Access.WAITING: ("hub.gated", f"The owner of “{repo}” has not answered your request yet."),
        Access.FORBIDDEN: ("hub.forbidden", f"{endpoint.host} does not let you have “{repo}”."),
    }[access]
    return AccessError(code, what, steps_to(access, endpoint, repo), access, details)


def require_access(connection: Connection, reference: HubReference) -> None:
    """Check (again) whether the model's files would be given; nothing is fetched.

    Raises:
        UserFacingError: they would not be; an :class:`AccessError` where steps lead to them.
    """
    with explained(connection, reference), connection.asking() as hub:
        hub.auth_check(reference.repo)
