import pytest
from pydantic import BaseModel, ValidationError

from core.storage.names import FolderText, Name, NameOrNothing, folder_name, free_path, is_name


class Named(BaseModel):
    name: Name


class Kept(BaseModel):
    name: NameOrNothing
    folder: FolderText = "/x"


@pytest.mark.parametrize("name", ["train-001", "sample_model-002", "0" * 32, "a.b"])
def test_names_that_are_given_here_are_names(name):
    assert is_name(name)
    assert Named(name=name).name == name


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../x", "a/b", "a\\b", "/etc", "C:", "C:\\x", "\\\\host\\share", "a\0b",
        "a\n", " a", "a ", "a.", "-rf", ".hidden", "CON", "nul.txt", "com1", "LPT9.log", "a" * 101,
        "ü", "a*", "a?b", "x:stream", "a\u202eb", 7, None, ["a"],
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_none(name):
    assert not is_name(name)
    with pytest.raises(ValidationError):
        Named(name=name)


def test_a_name_may_be_forgotten_instead():
    assert Kept(name="../../x").name == ""


@pytest.mark.parametrize("folder", ["", "a\0b", "a\nb", "/x\x1b[2J", "x" * 5000])
def test_no_folder_has_such_a_name(folder):
    with pytest.raises(ValidationError):
        Kept(name="", folder=folder)


def test_no_two_things_share_a_name(tmp_path):
    assert free_path(tmp_path / "a") == tmp_path / "a"
    (tmp_path / "a").mkdir()
    (tmp_path / "a-2").mkdir()
    assert free_path(tmp_path / "a") == tmp_path / "a-3"
    (tmp_path / "my a").mkdir()
    assert free_path(tmp_path / "my a") == tmp_path / "my a (2)"


def test_a_folder_can_be_made_with_the_name_on_every_system():
    assert folder_name(' a<b>:"c/d\\e|f?g*h\n. ') == "abcdefgh"
