"""Models with terms: what is still missing, and the way there in numbered steps."""

from __future__ import annotations

from core.models.hub.connection import Connection
from core.models.hub.reference import HubReference
from core.models.hub.refusals import explained


def require_access(connection: Connection, reference: HubReference) -> None:
    """Check (again) whether the model's files would be given; nothing is fetched.

    Raises:
        UserFacingError: they would not be; an :class:`AccessError` where steps lead to them.
    """
    with explained(connection, reference), connection.asking() as hub:
        hub.auth_check(reference.repo)
