from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from nacl.signing import SigningKey

from core.installation.kind import Kind
from core.installation.updates.feed import Envelope, read_feed
from tests.core.installation.updates.conftest import Publisher, signer

Refusal = Callable[[Callable[[], object]], str]


def test_a_signed_list_is_read_newest_first(publisher: Publisher) -> None:
    feed = read_feed(publisher.publish("0.1.0", "0.9.0", "0.10.0", "0.11.0rc1"), publisher.own.keys)
    assert [one.version for one in feed.newer_than("0.1.0")] == ["0.10.0", "0.9.0"]
    assert feed.newer_than("0.10.0") == ()
    newest = feed.newer_than("0.1.0")[0]
    file = newest.file_for(Kind.DEBIAN)
    assert file is not None and file.file == "homelab-tuner_0.10.0_amd64.deb"
    assert newest.file_for(Kind.WINDOWS) is None


def test_any_changed_byte_of_list_or_signature_is_refused(
    publisher: Publisher, refusal: Refusal
) -> None:
    keys = publisher.own.keys
    envelope = Envelope.model_validate_json(publisher.publish("0.2.0"))
    payload = bytearray(base64.b64decode(envelope.payload))
    signature = bytearray(base64.b64decode(envelope.signatures[0].signature))
    for content in (payload, signature):
        for place in range(0, len(content), max(1, len(content) // 20)):
            content[place] ^= 1
            document = {
                "payload": base64.b64encode(payload).decode(),
                "signatures": [{"key": keys[0], "signature": base64.b64encode(signature).decode()}],
            }
            damaged = json.dumps(document).encode()
            assert refusal(lambda damaged=damaged: read_feed(damaged, keys)) == "update.not_signed"
            content[place] ^= 1


def test_only_known_keys_count_and_one_of_several_is_enough(
    publisher: Publisher, refusal: Refusal
) -> None:
    other = SigningKey.generate()
    by_other = publisher.publish("0.2.0", key=other)
    keys = publisher.own.keys
    assert refusal(lambda: read_feed(by_other, keys)) == "update.not_signed"
    assert refusal(lambda: read_feed(publisher.publish("0.2.0"), ())) == "update.not_signed"
    payload = base64.b64decode(Envelope.model_validate_json(by_other).payload)
    by_both = signer().signed(payload, [other, publisher.key]).encode()
    assert read_feed(by_both, keys).newer_than("0.1.0")


def test_an_older_list_than_the_one_seen_is_refused(publisher: Publisher, refusal: Refusal) -> None:
    seen = datetime.now(UTC)
    old = publisher.publish("0.2.0", made=seen - timedelta(days=1))
    assert refusal(lambda: read_feed(old, publisher.own.keys, seen)) == "update.older"
    same = publisher.publish("0.2.0", made=seen)
    assert read_feed(same, publisher.own.keys, seen).made == seen


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"{}", b'{"payload": "***", "signatures": []}', b"\xff\xfe"]
)
def test_what_is_no_list_is_refused(content: bytes, refusal: Refusal) -> None:
    assert refusal(lambda: read_feed(content, ("key",))) == "update.unreadable"


@pytest.mark.parametrize(
    "release",
    [
        {"version": "new", "date": "2026-09-01"},
        {"version": "0.2.0", "date": "soon"},
        {"version": "0.2.0", "date": "2026-09-01", "files": [{"kind": "debian"}]},
        {
            "version": "0.2.0",
            "date": "2026-09-01",
            "files": [{"kind": "debian", "name": "x", "file": "../x", "url": "https://x.example",
                       "size": 1, "sha256": "0" * 64}],
        },
    ],
)  # fmt: skip
def test_a_rightly_signed_list_that_makes_no_sense_is_refused(
    publisher: Publisher, refusal: Refusal, release: dict[str, object]
) -> None:
    payload = json.dumps({"made": datetime.now(UTC).isoformat(), "releases": [release]}).encode()
    text = signer().signed(payload, [publisher.key]).encode()
    assert refusal(lambda: read_feed(text, publisher.own.keys)) == "update.unreadable"
