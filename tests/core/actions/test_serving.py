import time
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from filelock import FileLock

from core.actions import serving as module
from core.actions.serving import learn, look_at_serving, serve
from core.actions.state import dataset_folder
from core.errors import UserFacingError
from core.generation.spec import Ask, Done, Turn
from core.serving.need import ServingNeed
from core.serving.use.record import UseRecord
from core.storage.files import read_json, write_json
from tests.core.serving import scripted

NEED = ServingNeed(1, 1, 1, 1, "cpu", 8_000_000_000)


@dataclass
class Named:
    """A server that only says what it is called."""

    address: str = "http://127.0.0.1:8642/v1"
    token: str = "sk-local-key"
    offer: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(names=("base", "train-001"))
    )


def test_the_newest_fine_tune_is_offered_with_its_cost(walked):
    offer = look_at_serving(walked.project)
    assert offer.names == ("base", offer.runs[0])
    assert offer.base == walked.base
    assert offer.need.total > 0


def test_fine_tunes_of_two_bases_are_refused(own_copy):
    first = look_at_serving(own_copy).runs[0]
    other = own_copy.new_run("train")
    facts = read_json(own_copy.run(first).facts_file)
    write_json(other.facts_file, {**facts, "base_model": "/somewhere/else"})
    with pytest.raises(UserFacingError) as refusal:
        look_at_serving(own_copy, [first, other.name])
    assert refusal.value.code == "serving.other_base"


def test_nothing_is_opened_where_there_is_no_room(own_copy, monkeypatch):
    need = ServingNeed(10**15, 0, 0, 0, "cpu", 1)
    monkeypatch.setattr(module, "serving_need", lambda *_a: need)
    offer = look_at_serving(own_copy)
    with pytest.raises(UserFacingError) as refusal:
        serve(offer, port=0)
    assert refusal.value.code == "serving.no_room"


def test_it_answers_until_it_is_closed(own_copy, monkeypatch):
    monkeypatch.setattr(module, "serving_need", lambda *_a: NEED)
    offer = look_at_serving(own_copy)
    opened = serve(offer, port=0)
    try:
        assert opened.address.startswith("http://127.0.0.1:")
        assert len(opened.token) > 40
        opened.model._command = scripted.command(own_copy.root, "base")
        assert opened.model.state == "off"  # nothing is loaded before it is asked
    finally:
        opened.close()


def test_a_corrected_answer_is_in_the_next_version_of_the_examples(own_copy):
    before = dataset_folder(own_copy).name
    assert learn(own_copy).added == 0
    with UseRecord(own_copy) as record:
        messages = (Turn(role="user", content="Which river is the longest of all?"),)
        done = Done(id="a", reason="stop")
        record.add(Ask(id="a", messages=messages), "Rhine", done, characters=200)
        record.mark(1, "edited", "The Nile, most people say.")
    learned = learn(own_copy)
    assert learned.added == 1
    assert dataset_folder(own_copy).name == learned.version.content_hash != before


def test_the_model_gives_way_when_a_run_begins(own_copy, monkeypatch):
    need = ServingNeed(1, 1, 1, 1, "gpu", 8_000_000_000)
    monkeypatch.setattr(module, "serving_need", lambda *_a: need)
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.05)
    told = []
    opened = serve(look_at_serving(own_copy), port=0, told=told.append)
    try:
        opened.model._command = scripted.command(own_copy.root, "base")
        opened.model._look_for_room = False
        opened.model.start()
        wait_for(lambda: opened.model.state == "ready")
        assert opened.model.state == "ready", "nothing computes yet"
        with FileLock(own_copy.run(opened.offer.runs[0]).lock_file):
            wait_for(lambda: opened.model.state == "off")
    finally:
        opened.close()
    assert told[-1].kind == "unloaded"


def wait_for(condition):
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
