"""For maintainers: compare the model catalogue with the hub, entry by entry.

    python -m resources.check_models [--endpoint URL] [--only KEY]...

Every entry is listed and judged from its headers exactly as before a download; no weights are
fetched. What differs is printed (name, licence, terms, size, family, parameters). An entry of a
family that cannot be trained yet is only listed. Gated models need a token, see
``homelab-tuner download --token``. The exit code is 1 if anything differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from core.errors import UserFacingError
from core.models.catalogue import CatalogueEntry, load_everything
from core.models.hub.connection import Connection, checked_endpoint, chosen_endpoint, connected
from core.models.hub.gated import require_access
from core.models.hub.headers import read_headers
from core.models.hub.listing import Listing, read_listing
from core.models.hub.reference import HubReference
from core.models.hub.tokens import find_token

_SIZE_TOLERANCE = 0.03
_COUNT_TOLERANCE = 0.002


def differences(connection: Connection, entry: CatalogueEntry) -> Iterator[str]:
    """Yield what the hub says differently of one entry."""
    reference = HubReference(entry.hub_id)
    try:
        listing = read_listing(connection, reference)
        yield from _listed(entry, listing)
        if entry.can_be_trained:
            require_access(connection, reference)
            yield from _read(connection, entry, listing)
    except UserFacingError as error:
        yield f"{error.code}: {error.what}"


def _listed(entry: CatalogueEntry, listing: Listing) -> Iterator[str]:
    if listing.licence != entry.licence:
        yield f"licence {listing.licence}, not {entry.licence}"
    if bool(listing.gated) != entry.gated:
        yield f"gated {listing.gated or 'no'}, not {'yes' if entry.gated else 'no'}"
    if abs(listing.size / entry.download_bytes - 1) > _SIZE_TOLERANCE:
        yield f"{listing.size:,} bytes, not {entry.download_bytes:,}"


def _read(connection: Connection, entry: CatalogueEntry, listing: Listing) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as scratch:
        facts = read_headers(connection, listing, Path(scratch))
    if (facts.architecture, facts.model_type) != (entry.architecture, entry.model_type):
        yield f"{facts.architecture} ({facts.model_type}), not {entry.architecture}"
    if abs(facts.parameters / entry.parameters - 1) > _COUNT_TOLERANCE:
        yield f"{facts.parameters:,} parameters, not {entry.parameters:,}"
    for name in ("hidden_size", "layers", "heads", "kv_heads", "vocab_size", "context_length"):
        found, noted = getattr(facts.shape, name), getattr(entry.shape, name)
        if found != noted:
            yield f"{name} {found}, not {noted}"


def main(arguments: list[str]) -> int:
    """Check what the command line names, else everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", default="")
    parser.add_argument("--only", action="append", default=[], metavar="KEY")
    options = parser.parse_args(arguments)
    endpoint = checked_endpoint(options.endpoint) if options.endpoint else chosen_endpoint()
    token = find_token(endpoint)
    entries = [e for e in load_everything() if not options.only or e.key in options.only]
    wrong = 0
    with connected(endpoint, token=token.value if token else None) as connection:
        for entry in entries:
            found = list(differences(connection, entry))
            wrong += bool(found)
            sys.stdout.write(f"{entry.key}: {'; '.join(found) or 'as noted'}\n")
    sys.stdout.write(f"entries {len(entries)}, different {wrong}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
