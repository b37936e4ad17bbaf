from core.models.hub.tokens import token_file
from core.serving.token import new_token, server_token


def test_the_key_is_made_once_and_kept_for_this_account_alone():
    first = server_token()
    assert first == server_token()
    assert len(first) > 40
    assert token_file().stat().st_mode & 0o077 == 0


def test_another_key_replaces_it():
    first = server_token()
    assert new_token() != first
    assert server_token() != first
