from core.models.hub.listing import Listing, RemoteFile
from core.models.hub.reference import HubReference
from core.models.hub.store import (
    discard,
    final_folder,
    find_kept,
    folder_name,
    kept_models,
    models_folder,
    read_record,
    run_folder,
    staging_folder,
    write_record,
)


def listing(commit="a" * 40, revision="main", repo="Own/Name"):
    file = RemoteFile(name="model.safetensors", size=7, sha256="0" * 64)
    return Listing(repo=repo, revision=revision, commit=commit, files=(file,))


def keep(value):
    folder = final_folder(value)
    folder.mkdir(parents=True)
    write_record(folder, value)
    return folder


def test_a_version_beside_another_overwrites_nothing(home):
    first, other = listing(), listing("b" * 40)
    assert keep(first) == models_folder() / "Own--Name"
    assert final_folder(first).exists(), "it is here already"
    assert keep(other).name == "Own--Name--bbbbbbbb"
    assert final_folder(listing("b" * 8 + "c" * 32)).name == f"Own--Name--{'b' * 8}{'c' * 32}"
    assert [kept.listing.commit[0] for kept in kept_models()] == ["a", "b"]
    assert next(kept_models()).size == 7


def test_a_folder_of_somebody_else_is_left_alone(home):
    (models_folder() / "Own--Name").mkdir(parents=True)
    assert final_folder(listing()).name == "Own--Name--aaaaaaaa"
    assert list(kept_models()) == []


def test_found_by_name_and_version(home):
    keep(listing())
    keep(listing("b" * 40, revision="v2"))
    assert find_kept(HubReference("own/name")).listing.commit == "a" * 40
    assert find_kept(HubReference("Own/Name", "v2")).listing.commit == "b" * 40
    assert find_kept(HubReference("Own/Name", "bbbbbbbb")).listing.commit == "b" * 40
    assert find_kept(HubReference("Own/Name", "other")) is None
    assert find_kept(HubReference("Own/Other")) is None


def test_a_damaged_record_is_none(home):
    folder = keep(listing())
    assert read_record(folder) == listing()
    for content in ("{", "{}", "[]", '{"repo": 3}'):
        (folder / "download.json").write_text(content)
        assert read_record(folder) is None
    assert find_kept(HubReference("Own/Name")) is None


def test_an_unfinished_download_has_a_run_folder_of_its_own(home):
    run = run_folder("Own/Name")
    assert run.root == home / "downloads" / folder_name("Own/Name")
    staging_folder(run).mkdir()
    (staging_folder(run) / "x.part").write_text("x")
    discard(run)
    assert run.root.is_dir() and not staging_folder(run).exists()
