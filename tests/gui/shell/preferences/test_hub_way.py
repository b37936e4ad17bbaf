import pytest

from core.errors import UserFacingError
from gui.shell.preferences.hub_way import hub_way


def test_no_password_is_stored():
    assert hub_way(" https://hub.example/ ", "").url == "https://hub.example"
    assert hub_way("", "").host == "huggingface.co"
    for url, proxy in (
        ("https://me:secret@hub.example", ""),
        ("", "http://me:secret@proxy.example:3128"),
    ):
        with pytest.raises(UserFacingError) as refusal:
            hub_way(url, proxy)
        assert refusal.value.code == "hub.password"
