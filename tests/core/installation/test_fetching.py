import pytest

from core.errors import UserFacingError
from core.installation.fetching import Fetching
from core.installation.source import Source
from tests.core.installation.conftest import QUICK


@pytest.fixture
def fetching(index, tmp_path):
    (tmp_path / "wheels").mkdir()

    def make(source: Source | None = None, proxy: str = "") -> Fetching:
        return Fetching(
            folder=tmp_path / "wheels",
            source=source or Source(),
            patience=QUICK,
            proxy=proxy,
            watch=lambda _wheel, _done: None,
            check=lambda _wheel, _done: None,
            wait=lambda _seconds: None,
            say=lambda _text: None,
        )

    return make


def test_everything_arrives_also_through_a_mirror(index, fetching, tmp_path):
    lock = index.lock(size=100_000)
    folder = fetching(Source(index=f"{index.url}/simple")).fetch_all(lock.wheels)
    assert {p.name for p in folder.iterdir()} == {wheel.file for wheel in lock.wheels}
    index.seen.clear()
    fetching().fetch_all(lock.wheels)
    assert not index.seen  # nothing is fetched twice


def test_a_broken_connection_continues_by_range(index, fetching):
    lock = index.lock(size=400_000)
    index.cut = [200_000, 100_000]
    fetching().fetch_all(lock.wheels)
    ranges = [asked for path, asked in index.seen if "torch" in path]
    assert ranges[0] == "" and all(asked.startswith("bytes=") for asked in ranges[1:])
    assert len(ranges) == 3


def test_endless_breaks_end_with_a_sentence(index, fetching):
    lock = index.lock(size=400_000)
    index.cut = [0] * 50
    with pytest.raises(UserFacingError) as refusal:
        fetching().fetch_all(lock.wheels)
    assert refusal.value.code in ("engine.broken_off", "engine.no_network")


def test_a_file_that_was_changed_on_its_way_is_fetched_again_and_then_refused(index, fetching):
    lock = index.lock(size=50_000)
    index.spoiled = {lock.wheels[0].file}
    with pytest.raises(UserFacingError) as refusal:
        fetching().fetch_all(lock.wheels)
    assert refusal.value.code == "engine.wrong_hash"
    index.spoiled = set()
    fetching().fetch_all(lock.wheels)


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "engine.refused"), (407, "engine.proxy_login"), (418, "engine.bad_answer"),
     (503, "engine.broken_off"), (404, "engine.bad_answer")],
)  # fmt: skip
@pytest.mark.parametrize("mirror", [True, False])
def test_refusals_have_their_own_sentence(index, fetching, status, code, mirror):
    lock = index.lock()
    index.status = status
    code = "engine.no_wheel" if status == 404 else code
    source = Source(index=f"{index.url}/simple") if mirror else Source()
    with pytest.raises(UserFacingError) as refusal:
        fetching(source).fetch_all(lock.wheels)
    assert refusal.value.code == code


def test_an_index_without_the_wheel_is_named(index, fetching):
    lock = index.lock()
    index.missing = {lock.wheels[0].file}
    for source in (Source(), Source(index=f"{index.url}/simple")):
        with pytest.raises(UserFacingError) as refusal:
            fetching(source).fetch_all(lock.wheels)
        assert refusal.value.code == "engine.no_wheel" and "torch-" in refusal.value.what


def test_a_proxy_that_wants_a_login_and_one_that_is_not_there(index, fetching):
    lock = index.lock()
    index.status = 407
    with pytest.raises(UserFacingError) as refusal:
        fetching(proxy=index.url).fetch_all(lock.wheels)
    assert refusal.value.code == "engine.proxy_login"
    secure = tuple(wheel.model_copy(update={"url": wheel.url.replace("http:", "https:")})
                   for wheel in lock.wheels)  # fmt: skip
    with pytest.raises(UserFacingError) as refusal:
        fetching(proxy=index.url).fetch_all(secure)
    assert refusal.value.code == "engine.proxy_login"
    with pytest.raises(UserFacingError) as refusal:
        fetching(proxy="http://127.0.0.1:9").fetch_all(lock.wheels)
    assert refusal.value.code == "engine.no_network"


def test_a_folder_replaces_the_network(index, fetching, tmp_path):
    lock = index.lock()
    index.write_to(tmp_path / "stick")
    found_in = Source(folder=tmp_path / "stick")
    assert fetching(found_in).fetch_all(lock.wheels) == tmp_path / "stick" and not index.seen
    wheel = tmp_path / "stick" / lock.wheels[0].file
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"!")
    assert refused(fetching(found_in), lock) == "engine.wrong_hash"
    wheel.unlink()
    assert refused(fetching(found_in), lock) == "engine.no_wheel"


def refused(fetching, lock):
    with pytest.raises(UserFacingError) as refusal:
        fetching.fetch_all(lock.wheels)
    return refusal.value.code
