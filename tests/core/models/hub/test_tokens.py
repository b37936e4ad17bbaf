import stat

import keyring
import pytest
from keyring.backend import KeyringBackend

from core.errors import UserFacingError
from core.models.hub.connection import OFFICIAL, checked_endpoint
from core.models.hub.tokens import Token, find_token, forget_token, keep_token, token_file

HUB, OTHER = checked_endpoint(OFFICIAL), checked_endpoint("https://mirror.example")


class Memory(KeyringBackend):
    priority = -1  # known to keyring from its definition on, never to be chosen by itself

    def __init__(self):
        super().__init__()
        self.kept = {}

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def delete_password(self, service, username):
        del self.kept[service, username]


class Locked(Memory):
    def set_password(self, service, username, password):
        raise keyring.errors.KeyringLocked

    def get_password(self, service, username):
        raise keyring.errors.KeyringLocked

    def delete_password(self, service, username):
        raise RuntimeError("each system's keyring fails in its own way")


@pytest.fixture(autouse=True)
def own_keyring(monkeypatch, tmp_path):
    before = keyring.get_keyring()
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "none"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    yield
    keyring.set_keyring(before)


def test_in_the_keyring_by_host():
    keyring.set_keyring(memory := Memory())
    assert "keyring" in keep_token(HUB, " hf_secret_1234 \n")
    assert memory.kept == {("homelab-tuner", "huggingface.co"): "hf_secret_1234"}
    assert not token_file().exists()
    assert find_token(HUB).value == "hf_secret_1234"
    assert find_token(OTHER) is None, "a mirror gets no token of the hub"
    forget_token(HUB)
    assert find_token(HUB) is None


@pytest.mark.parametrize("backend", [Locked, keyring.backends.fail.Keyring])
def test_without_a_keyring_in_a_file_of_the_owner_alone_and_this_is_said(backend):
    keyring.set_keyring(backend())
    said = keep_token(HUB, "hf_secret_1234")
    assert str(token_file()) in said and "Only your account" in said
    assert stat.S_IMODE(token_file().stat().st_mode) == 0o600
    assert find_token(HUB).value == "hf_secret_1234"
    keep_token(OTHER, "other_secret")
    assert stat.S_IMODE(token_file().stat().st_mode) == 0o600
    forget_token(HUB)
    assert find_token(HUB) is None
    assert find_token(OTHER).value == "other_secret"
    assert not list(token_file().parent.glob(".tokens*"))


def test_a_token_in_the_keyring_leaves_none_in_the_file():
    keyring.set_keyring(Locked())
    keep_token(HUB, "hf_secret_1234")
    keyring.set_keyring(Memory())
    keep_token(HUB, "hf_secret_5678")
    assert "secret_1234" not in token_file().read_text()


@pytest.mark.parametrize("text", ["", "short", "hf_with space", "hf_ü" * 5, "x" * 600, "a\nb" * 9])
def test_what_is_no_token(text):
    with pytest.raises(UserFacingError) as refusal:
        keep_token(HUB, text)
    assert refusal.value.code == "hub.not_a_token"
    assert "hf_with" not in str(refusal.value)


def test_that_of_the_hubs_own_programs_counts_for_the_public_hub_only(monkeypatch, tmp_path):
    keyring.set_keyring(Memory())
    (tmp_path / "token").write_text("hf_from_login_1\n")
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    assert find_token(HUB) == Token("hf_from_login_1", "“hf auth login”")
    assert find_token(OTHER) is None
    monkeypatch.setenv("HF_TOKEN", "hf_from_variable")
    assert find_token(HUB).value == "hf_from_variable"


def test_a_damaged_file_is_no_token():
    keyring.set_keyring(Locked())
    token_file().parent.mkdir(parents=True)
    for content in ("{", "[]", '{"huggingface.co": 3}', '{"huggingface.co": "a b"}'):
        token_file().write_text(content)
        assert find_token(HUB) is None


def test_it_is_never_shown():
    assert "hf_secret" not in repr(Token("hf_secret_1234", "x"))
