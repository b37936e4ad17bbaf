"""The job ``model_offer``: everything that is worth knowing before a download is agreed to."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from core.contract import JobParams, JobResult
from core.errors import UserFacingError
from core.jobs.link import JobLink
from core.language import _
from core.models.catalogue import CatalogueEntry, find_entry, nearest
from core.models.hub.connection import Patience, checked_endpoint, connected
from core.models.hub.gated import require_access
from core.models.hub.headers import read_headers
from core.models.hub.listing import Listing, read_listing
from core.models.hub.reference import HubReference
from core.models.hub.tokens import find_token
from core.models.inspection import ModelFacts
from core.models.shape import ModelShape
from core.project import RunFolder
from core.settings import load_settings

_BYTES_A_WEIGHT = 2


class Offer(JobResult):
    """What a download would bring.

    Attributes:
        model_type: the family, as in the model's config.
        shape: the sizes that memory and time estimates need, as read from the weights' heads.
        quantisation: ``""`` for ordinary weights.
        token_from: where the access token came from that was sent, ``""`` without one.
    """

    kind: ClassVar[str] = "model_offer"

    listing: Listing
    model_type: str
    architecture: str
    shape: ModelShape
    quantisation: str = ""
    has_chat_template: bool = True
    token_from: str = ""

    @property
    def entry(self) -> CatalogueEntry | None:
        """The model's entry in the catalogue, if it has one."""
        return find_entry(self.listing.repo)


class OfferParams(JobParams[Offer]):
    """Ask what a download of this model would bring."""

    kind: ClassVar[str] = "model_offer"

    repo: str
    revision: str
    endpoint: str
    patience: Patience = Patience()


def run_offer(folder: RunFolder, params: OfferParams, link: JobLink) -> Offer:
    """Job ``model_offer``."""
    endpoint = checked_endpoint(params.endpoint, load_settings().hub_proxy)
    token = find_token(endpoint)
    reference = HubReference(params.repo, params.revision)
    with connected(endpoint, params.patience, token.value if token else None) as connection:
        link.progress(
            _("Asking {host} for the files of “{model}”", host=endpoint.host, model=params.repo)
        )
        listing = read_listing(connection, reference)
        if listing.gated:
            require_access(connection, reference)
        link.progress(_("Reading the headers of the weights"), 0, len(listing.weights), _("files"))
        with tempfile.TemporaryDirectory(dir=folder.root) as scratch:
            facts = _facts(scratch, listing, lambda place: read_headers(connection, listing, place))
    return Offer(
        listing=listing,
        model_type=facts.model_type,
        architecture=facts.architecture,
        shape=facts.shape,
        quantisation=facts.quantisation,
        has_chat_template=facts.has_chat_template,
        token_from=token.source if token else "",
    )


def _facts(scratch: str, listing: Listing, read: Callable[[Path], ModelFacts]) -> ModelFacts:
    """Inspect under the model's own name, so that a refusal speaks of it."""
    place = Path(scratch) / listing.reference.name
    place.mkdir()
    try:
        return read(place)
    except UserFacingError as error:
        if not error.code.startswith("model."):
            raise
        raise UserFacingError(error.code, error.what, _instead(listing), error.details) from error


def _instead(listing: Listing) -> str:
    """Name a model that works, alike in purpose and size."""
    entry = find_entry(listing.repo)
    weights = sum(file.size for file in listing.weights)
    parameters = entry.parameters if entry else max(1, weights // _BYTES_A_WEIGHT)
    other = nearest(parameters, entry.purpose if entry else ())
    return _(
        "Choose another model. One of about this size that works is {model}.", model=other.hub_id
    )
