from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import UserFacingError
from core.installation.updates.looking import (
    is_due,
    last_look,
    look,
    remember_told,
    updates_folder,
)
from core.installation.updates.own import OwnRelease
from tests.core.installation.updates.conftest import Publisher

Refusal = Callable[[Callable[[], object]], str]


def test_one_request_that_names_nobody(publisher: Publisher) -> None:
    publisher.publish("0.1.0", "0.2.0")
    offered = look(publisher.own)
    assert offered.newest is not None and offered.newest.version == "0.2.0"
    assert publisher.index.seen == [("/files/releases.json", "")]
    (headers,) = publisher.index.headers
    assert headers["User-Agent"] == "homelab-tuner"
    assert not {"Cookie", "Authorization", "Referer"} & set(headers)


def test_the_newest_version_has_nothing_to_offer(publisher: Publisher) -> None:
    publisher.publish("0.1.0")
    assert look(publisher.own).newest is None


def test_nothing_is_asked_without_an_address(publisher: Publisher, refusal: Refusal) -> None:
    nowhere = OwnRelease(date=publisher.own.date)
    assert refusal(lambda: look(nowhere)) == "update.no_address"
    assert not publisher.index.seen and last_look().at is None


def test_without_a_network_the_age_is_said(publisher: Publisher) -> None:
    away = publisher.own.model_copy(update={"address": "http://127.0.0.1:9/releases.json"})
    with pytest.raises(UserFacingError) as refused:
        look(away)
    assert refused.value.code == "update.no_network"
    assert "127.0.0.1 cannot be reached. This version is" in refused.value.what


@pytest.mark.parametrize("status", [302, 403, 404, 500])
def test_other_answers_are_refused(publisher: Publisher, refusal: Refusal, status: int) -> None:
    publisher.index.status = status
    assert refusal(lambda: look(publisher.own)) == "update.no_network"


def test_an_endless_answer_is_refused(publisher: Publisher, refusal: Refusal) -> None:
    publisher.index.files["releases.json"] = b" " * 2_000_000
    assert refusal(lambda: look(publisher.own)) == "update.no_network"


def test_a_list_that_went_back_in_time_is_refused(publisher: Publisher, refusal: Refusal) -> None:
    publisher.publish("0.2.0")
    look(publisher.own)
    publisher.publish("0.3.0", made=datetime.now(UTC) - timedelta(days=30))
    assert refusal(lambda: look(publisher.own)) == "update.older"


def test_a_week_passes_between_looks_also_failed_ones(
    publisher: Publisher, refusal: Refusal
) -> None:
    assert is_due()
    publisher.index.status = 500
    refusal(lambda: look(publisher.own))
    now = datetime.now(UTC)
    assert not is_due(now) and not is_due(now + timedelta(days=6))
    assert is_due(now + timedelta(days=8)) and is_due(now - timedelta(days=1))
    remember_told("0.2.0")
    assert last_look().told == "0.2.0" and not is_due(now)


def test_a_damaged_memory_counts_as_none(publisher: Publisher) -> None:
    updates_folder().mkdir(parents=True)
    (updates_folder() / "looked.json").write_text('{"at": "yesterday"}')
    assert last_look().at is None
    publisher.publish("0.2.0")
    assert look(publisher.own).newest is not None and last_look().made is not None
