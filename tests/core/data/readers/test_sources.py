import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.readers import options, sources
from core.data.readers.sources import DataSource, expand
from core.errors import UserFacingError

LINE = b'{"question": "a", "answer": "b"}\n'


def content_of(source):
    with source.open() as stream:
        return stream.read()


def write_zip(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def code_of(call):
    with pytest.raises(UserFacingError) as caught:
        call()
    return caught.value.code


def test_settings_chosen_beside_chats_are_no_examples(tmp_path):
    for name in ("conversations.json", "users.json", "projects.json"):
        (tmp_path / name).write_text("[]")
    assert [s.label for s in expand(sorted(tmp_path.iterdir()))] == ["conversations.json"]
    assert [s.label for s in expand([tmp_path / "users.json"])] == ["users.json"]


def test_a_plain_file(tmp_path):
    path = tmp_path / "größe 漢字 🙂.JSONL"
    path.write_bytes(LINE)
    (source,) = expand([path])
    assert (source.label, source.suffix) == (path.name, ".jsonl")
    assert content_of(source) == LINE


def test_gzip(tmp_path):
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(LINE) + gzip.compress(LINE))
    (source,) = expand([path])
    assert source.suffix == ".jsonl"
    assert content_of(source) == LINE * 2


def test_zip_members(tmp_path):
    members = {"b.jsonl": LINE, "in/a.csv": b"x", "picture.png": b"", "__MACOSX/._b.jsonl": b""}
    found = expand([write_zip(tmp_path / "rows.zip", members)])
    assert [source.label for source in found] == ["rows.zip/b.jsonl", "rows.zip/in/a.csv"]
    assert content_of(found[0]) == LINE


def test_a_folder_in_a_stable_order_without_hidden_files(tmp_path):
    for name in ("b.jsonl", "a.csv", "sub/c.txt", ".hidden.jsonl", ".git/d.json", "e.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(LINE)
    write_zip(tmp_path / "z.zip", {"in.md": b"text"})
    labels = [source.label for source in expand([tmp_path])]
    assert labels == ["a.csv", "b.jsonl", "c.txt", "z.zip/in.md"]


def test_names_that_leave_the_archive_are_only_names(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    members = {"../../escaped.jsonl": LINE, "/etc/absolute.jsonl": LINE, "C:\\x\\y.jsonl": LINE}
    for source in expand([write_zip(inner / "evil.zip", members)]):
        assert content_of(source) == LINE
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["evil.zip", "inner"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.zip", b"no zip at all"),
        ("rows.zip", b""),
        ("rows.jsonl.gz", b"no gzip at all"),
        ("rows.jsonl.gz", gzip.compress(LINE * 1000, mtime=0)[:-20]),
        ("rows.jsonl.gz", gzip.compress(LINE, mtime=0)[:-8] + bytes(8)),
    ],
)
def test_damaged_archives(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert code_of(lambda: [content_of(s) for s in expand([path])]) == "dataset.damaged_archive"


def test_a_zip_with_a_password_or_an_unknown_method(tmp_path):
    path = write_zip(tmp_path / "rows.zip", {"a.jsonl": LINE})
    content = bytearray(path.read_bytes())
    for offset, value in ((6, 1), (8, 99)):  # flags, then the method, in the local header
        changed = bytearray(content)
        changed[offset] = value
        central = changed.rfind(b"PK\x01\x02")
        changed[central + offset + 2] = value
        path.write_bytes(bytes(changed))
        assert code_of(lambda: content_of(expand([path])[0])) == "dataset.damaged_archive"


@pytest.mark.parametrize("name", ["bomb.jsonl.gz", "bomb.zip"])
def test_bombs_are_stopped(tmp_path, monkeypatch, name):
    monkeypatch.setattr(sources, "EXPANSION_FREE", 1 << 20)
    content = bytes(30 << 20)
    path = tmp_path / name
    if name.endswith(".zip"):
        write_zip(path, {"a.jsonl": content})
    else:
        path.write_bytes(gzip.compress(content))
    assert path.stat().st_size < 100_000
    assert code_of(lambda: content_of(expand([path])[0])) == "dataset.archive_too_large"


def test_a_file_of_text_may_grow_far():
    assert options.EXPANSION_FREE >= 64 << 20
    assert options.EXPANSION_RATIO >= 100


def test_missing_empty_and_too_many(tmp_path, monkeypatch):
    assert code_of(lambda: expand([tmp_path / "gone.json"])) == "file.missing"
    assert code_of(lambda: expand([tmp_path])) == "dataset.nothing_found"
    monkeypatch.setattr(sources, "MEMBER_LIMIT", 3)
    members = {f"{n}.jsonl": LINE for n in range(9)}
    path = write_zip(tmp_path / "many.zip", members)
    assert code_of(lambda: expand([path])) == "dataset.too_many_files"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(LINE)
    path.chmod(0)
    assert code_of(lambda: content_of(expand([path])[0])) == "disk.no_permission"


@given(st.integers(0, 10**9), st.binary(min_size=1, max_size=6))
def test_a_zip_with_wrong_bytes_anywhere(tmp_path_factory, place, wrong):
    path = tmp_path_factory.getbasetemp() / "fuzzed.zip"
    content = bytearray(ZIP)
    place %= len(content)
    content[place : place + len(wrong)] = wrong
    path.write_bytes(bytes(content))
    try:
        for source in expand([path]):
            content_of(source)
    except UserFacingError as error:
        assert error.code in (
            "dataset.damaged_archive",
            "dataset.nothing_found",
            "dataset.archive_too_large",
        )


def _zip_bytes():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jsonl", LINE * 20)
        archive.writestr("b.csv", LINE)
    return content.getvalue()


ZIP = _zip_bytes()


def test_suffix_of_members():
    assert DataSource(Path("x.zip"), "a/b.CSV").suffix == ".csv"
    assert DataSource(Path("x.csv.gz")).suffix == ".csv"


def test_the_meter_counts_the_bytes_on_the_disk_over_several_files(tmp_path):
    meter = sources.ReadMeter()
    for name in ("one.jsonl", "two.jsonl"):
        (tmp_path / name).write_bytes(LINE * 10)
        before = meter.bytes_read
        with DataSource(tmp_path / name).open(meter) as stream:
            stream.read(len(LINE))
            assert before < meter.bytes_read <= before + 10 * len(LINE)
            stream.read()
    assert meter.bytes_read == 20 * len(LINE)


def test_links_out_of_a_folder_are_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.jsonl").write_text("{}")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "good.jsonl").write_text("{}")
    (folder / "inner.jsonl").symlink_to("good.jsonl")
    (folder / "out.jsonl").symlink_to(outside / "secret.jsonl")
    (folder / "more").symlink_to(outside)
    assert [source.label for source in expand([folder])] == ["good.jsonl", "inner.jsonl"]
