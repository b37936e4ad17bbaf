"""How far the way to a model is, and the steps that lead to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.errors import UserFacingError
from core.language import _
from core.models.hub.connection import Endpoint
from core.models.hub.reference import HubReference


class Access(StrEnum):
    """How far the way to a model is."""

    OPEN = "open"
    NO_TOKEN = "no_token"  # noqa: S105 - a state, not a secret
    BAD_TOKEN = "bad_token"  # noqa: S105
    TERMS = "terms"
    WAITING = "waiting"
    FORBIDDEN = "forbidden"


_CODES = {
    Access.NO_TOKEN: "hub.gated",
    Access.BAD_TOKEN: "hub.bad_token",
    Access.TERMS: "hub.terms",
    Access.WAITING: "hub.waiting",
    Access.FORBIDDEN: "hub.forbidden",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, with the page where it is done (``""`` where it is done here)."""

    text: str
    link: str = ""

    def sentence(self) -> str:
        """Return it with its link, for the terminal."""
        return _("{text} ({link})", text=self.text, link=self.link) if self.link else self.text


class AccessError(UserFacingError):
    """A model that is not open yet; ``steps`` lead to it, in their order."""

    def __init__(
        self, code: str, what: str, steps: tuple[Step, ...], access: Access, details: str = ""
    ) -> None:
        todo = _("Follow these steps:")
        for number, step in enumerate(steps, 1):
            todo = _("{before}\n{number}. {step}", before=todo, number=number, step=step.sentence())
        super().__init__(code, what, todo, details)
        self.steps = steps
        self.access = access


def access_of(code: str) -> Access | None:
    """Return what an error with this code says of the way to a model, ``None`` for nothing."""
    return next((access for access, known in _CODES.items() if known == code), None)


def steps_to(access: Access, endpoint: Endpoint, repo: str, paste: str = "") -> tuple[Step, ...]:
    """Return what is to be done until the model can be fetched, the last one being another try.

    Args:
        paste: says where the token goes; by default, how the terminal takes it.
    """
    page = f"{endpoint.url}/{repo}"
    account = Step(_("Log in on the model's page. An account is free."), page)
    terms = Step(_("Read the terms on that page and accept them."), page)
    wait = Step(_("Wait for an e-mail with the owner's decision."), page)
    token = Step(_("Create an access token of type “Read”."), f"{endpoint.url}/settings/tokens")
    pass_on = Step(
        paste
        or _("Pass it to this application: homelab-tuner download {model} --token", model=repo)
    )
    rights = Step(
        _(
            "Allow the token to read gated models (“Read access to contents of all public gated "
            "repositories”)."
        ),
        f"{endpoint.url}/settings/tokens",
    )
    again = Step(_("Check again."))
    return {
        Access.OPEN: (),
        Access.NO_TOKEN: (account, terms, token, pass_on, again),
        Access.BAD_TOKEN: (token, pass_on, again),
        Access.TERMS: (account, terms, again),
        Access.WAITING: (wait, again),
        Access.FORBIDDEN: (terms, rights, again),
    }[access]


def access_error(
    access: Access, endpoint: Endpoint, reference: HubReference, details: str = ""
) -> AccessError:
    """Return the error that says what is missing, with its steps."""
    repo = reference.repo
    what = {
        Access.OPEN: _("“{model}” is open.", model=repo),
        Access.NO_TOKEN: _("You must accept the terms of “{model}” first.", model=repo),
        Access.BAD_TOKEN: _("{host} does not accept your access token.", host=endpoint.host),
        Access.TERMS: _("Your account has not accepted the terms of “{model}” yet.", model=repo),
        Access.WAITING: _("The owner of “{model}” has not answered your request yet.", model=repo),
        Access.FORBIDDEN: _(
            "{host} does not give you access to “{model}”.", host=endpoint.host, model=repo
        ),
    }[access]
    steps = steps_to(access, endpoint, repo)
    return AccessError(_CODES.get(access, "hub.gated"), what, steps, access, details)
