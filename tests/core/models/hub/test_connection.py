import subprocess
import sys

import pytest
from huggingface_hub import constants

from core.errors import UserFacingError
from core.models.hub import connection
from core.models.hub.connection import (
    OFFICIAL,
    Endpoint,
    checked_endpoint,
    chosen_endpoint,
    connected,
    require_online,
)
from core.models.hub.listing import read_listing
from core.models.hub.reference import HubReference
from core.settings import Settings, save_settings
from tests.core.models.hub.conftest import listed, reach
from tests.loopback_hub import TOKEN, Fault, loopback_hub, model_files

A = HubReference("a/b")


def test_nothing_connects_before_it_is_asked_for():
    """Importing everything, finding local models and naming one make no socket."""
    script = """
import socket, sys
def no(*a, **k): raise SystemExit("a connection was tried")
socket.socket.connect = no; socket.create_connection = no; socket.getaddrinfo = no
import core.cli, core.commands.download, core.library.inventory, core.wizard
import core.models.hub.offer, core.models.hub.download, core.models.hub.tokens
core.cli.main(["models", "--json"])
from core.models.hub.reference import parse_reference
parse_reference("https://huggingface.co/a/b")
from core.models.hub.connection import chosen_endpoint
chosen_endpoint()
assert "huggingface_hub" not in sys.modules, "imported before it is needed"
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_hub_is_that_of_the_preferences_then_of_the_environment(monkeypatch):
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    assert chosen_endpoint() == Endpoint(OFFICIAL)
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example/")
    assert chosen_endpoint().url == "https://mirror.example"
    save_settings(Settings(hub_endpoint="https://hub.example:8443/x", hub_proxy="http://p:3128"))
    chosen = chosen_endpoint()
    assert (chosen.host, chosen.proxy) == ("hub.example:8443", "http://p:3128")


@pytest.mark.parametrize(
    ("url", "proxy"),
    [("huggingface.co", ""), ("ftp://x", ""), ("https://", ""), ("https://a:b", ""),
     ("https://a?x=1", ""), ("https://[a", ""), ("https://a", "proxy:3128"), ("", "")],
)  # fmt: skip
def test_an_address_that_is_none(url, proxy):
    with pytest.raises(UserFacingError) as refusal:
        checked_endpoint(url, proxy)
    assert refusal.value.code == "hub.endpoint"


def test_a_computer_that_is_kept_offline(monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    require_online()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(UserFacingError) as refusal:
        require_online()
    assert refusal.value.code == "hub.kept_offline"


def test_a_token_is_not_sent_where_others_can_read_it():
    for url, kept in (("http://hub.example", None), ("https://x", "t"), ("http://127.0.0.1", "t")):
        with connected(checked_endpoint(url), token="t") as connection:
            assert connection.token == kept
    assert "secret" not in repr(connection.__class__(checked_endpoint("https://x"), None, "secret"))


def test_the_client_library_is_left_as_it_was(hub):
    before = constants.HF_HUB_OFFLINE
    with reach(hub):
        assert constants.HF_HUB_OFFLINE is False
    assert before is constants.HF_HUB_OFFLINE


def test_a_token_goes_to_the_hub_and_not_to_where_it_sends_on(monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    from core.models.hub.headers import read_beginning

    with loopback_hub(store=True) as hub:
        hub.add("a/b", model_files())
        with reach(hub, TOKEN) as way:
            listing = read_listing(way, A)
            weights = listing.weights[0]
            assert len(read_beginning(way, listing, weights, 100)) == 100
        given = [(path.startswith(("/api", "/a/")), key) for _, path, key in hub.seen]
        assert (True, f"Bearer {TOKEN}") in given
        assert (False, "") in given
        assert (False, f"Bearer {TOKEN}") not in given


def test_the_proxy_of_the_preferences_is_used(hub):
    hub.add("a/b")
    with connected(checked_endpoint("http://hub.invalid", hub.url), None) as way:
        assert read_listing(way, A).repo == "a/b"
    assert hub.requests("/api/models/a/b")


@pytest.mark.parametrize("value", [0, 0.05])
def test_an_answer_may_neither_be_endless_nor_drip_for_ever(hub, value):
    hub.add("a/b")
    hub.faults.append(Fault("endless", times=-1, value=value))
    with pytest.raises(UserFacingError) as refusal:
        listed(hub)
    assert refusal.value.code == "hub.bad_answer"


def test_seconds_of_a_busy_hub():
    assert connection._seconds("12") == 12
    assert connection._seconds("Wed, 21 Oct 2026 07:28:00 GMT") is None
