"""Each refusal of a hub, by the real client, has its sentence and a next step."""

import pytest

from core.errors import UserFacingError
from core.models.hub.connection import checked_endpoint, connected
from core.models.hub.listing import read_listing
from core.models.hub.reference import HubReference
from core.models.hub.refusals import explain
from tests.core.models.hub.conftest import HASTE, listed
from tests.loopback_hub import Fault

STATUSES = {
    400: "hub.refused", 403: "hub.forbidden", 404: "hub.no_model",
    407: "hub.proxy_login", 410: "hub.refused", 416: "hub.no_range", 429: "hub.busy",
    451: "hub.disabled", 500: "hub.down", 502: "hub.down", 503: "hub.down",
}  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
def test_statuses(hub, status):
    hub.add("a/b")
    hub.faults.append(Fault("status", value=(status, "90"), times=-1))
    with pytest.raises(UserFacingError) as refusal:
        listed(hub)
    assert refusal.value.code == STATUSES[status]
    assert refusal.value.todo
    assert "127.0.0.1" in refusal.value.what or status in (404, 407)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("html", times=-1), "hub.bad_answer"),
        (Fault("truncated_json", times=-1), "hub.bad_answer"),
        (Fault("cut", times=-1), "hub.broke_off"),
        (Fault("close", times=-1), "hub.broke_off"),
        (Fault("hang", times=-1, value=2), "hub.broke_off"),
        (Fault("redirect", times=-1), "hub.bad_answer"),
        (Fault("redirect", times=-1, value="ftp://127.0.0.1/x"), "hub.bad_answer"),
        (Fault("redirect", times=-1, value="http://127.0.0.1:9/x"), "hub.offline"),
        (Fault("json", times=-1, value=[]), "hub.bad_answer"),
        (Fault("json", times=-1, value={}), "hub.bad_answer"),
        (Fault("json", times=-1, value={"id": "a/b"}), "hub.bad_answer"),
        (
            Fault("json", times=-1, value={"id": 3, "sha": "x" * 40, "siblings": 7}),
            "hub.bad_answer",
        ),
        (Fault("json", times=-1, value=None), "hub.bad_answer"),
    ],
)
def test_answers_that_no_hub_gives(hub, fault, code):
    hub.add("a/b")
    hub.faults.append(fault)
    with pytest.raises(UserFacingError) as refusal:
        listed(hub)
    assert refusal.value.code == code


def test_a_model_that_is_not_there_and_a_version(hub):
    with pytest.raises(UserFacingError) as refusal:
        listed(hub, "no/such")
    assert refusal.value.code == "hub.no_model"
    hub.add("a/b")
    with connected(checked_endpoint(hub.url), HASTE) as way, pytest.raises(UserFacingError) as gone:
        read_listing(way, HubReference("a/b", "nope"))
    assert gone.value.code == "hub.no_revision"


@pytest.mark.parametrize(
    ("url", "proxy", "code"),
    [
        ("http://127.0.0.1:9", "", "hub.offline"),
        ("http://nowhere.invalid", "", "hub.offline"),
        ("https://hub.invalid", "http://name:secret@127.0.0.1:9", "hub.proxy"),
    ],
)
def test_offline_is_a_state_with_its_sentence(url, proxy, code, monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    way = connected(checked_endpoint(url, proxy), HASTE)
    with way as connection, pytest.raises(UserFacingError) as refusal:
        read_listing(connection, HubReference("a/b"))
    assert refusal.value.code == code
    assert "secret" not in f"{refusal.value} {refusal.value.details}"


def test_a_proxy_that_wants_a_login(hub):
    """A tunnel through the proxy, which answers 407 to CONNECT."""
    way = connected(checked_endpoint("https://hub.invalid", hub.url), HASTE)
    with way as connection, pytest.raises(UserFacingError) as refusal:
        read_listing(connection, HubReference("a/b"))
    assert refusal.value.code == "hub.proxy_login"
    assert "http://name:password@127.0.0.1" in refusal.value.todo


def test_a_certificate_that_is_not_trusted():
    import httpx2

    error = httpx2.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")
    said = explain(error, checked_endpoint("https://hub.example"), HubReference("a/b"))
    assert said.code == "hub.certificate"
