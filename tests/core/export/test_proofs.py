import pytest

from core.export.proofs import note_proof, proof_state, was_proved
from core.settings import application_folder
from core.storage.files import write_json
from core.storage.transaction import staged_folder


@pytest.fixture
def exported(tmp_path):
    folder = tmp_path / "out ü"
    with staged_folder(folder) as staging:
        (staging / "adapter.safetensors").write_bytes(b"x")
    return folder


def test_what_was_proved_here_is_known(exported, tmp_path):
    assert not was_proved(exported)
    note_proof(exported)
    assert was_proved(exported)
    assert not was_proved(tmp_path)
    assert not was_proved(tmp_path / "gone")


def test_a_folder_that_changed_since_is_not(exported):
    note_proof(exported)
    write_json(exported / "manifest.json", {"files": {}})
    assert not was_proved(exported)


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"folder": 7}'])
def test_a_damaged_note_proves_nothing(exported, note):
    note_proof(exported)
    (path,) = (application_folder() / "proofs").iterdir()
    path.write_text(note)
    assert not was_proved(exported)


def test_what_became_of_a_proved_folder_is_known(exported, tmp_path):
    assert proof_state(exported) == "unknown"
    note_proof(exported)
    assert proof_state(exported) == "unchanged"
    (exported / "adapter.safetensors").unlink()
    assert proof_state(exported) == "changed"
    exported.rename(tmp_path / "elsewhere")
    assert proof_state(exported) == "gone"
    assert proof_state(tmp_path / "elsewhere") == "unknown"
