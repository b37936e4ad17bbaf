import io
import zipfile

import pytest

from core.errors import UserFacingError
from core.installation.trial import try_engine
from core.installation.variant import Variant
from tests.loopback_index import BROKEN, torch_wheel


def unpacked(folder, content):
    zipfile.ZipFile(io.BytesIO(content)).extractall(folder)
    return folder


def test_what_works_says_what_it_is(tmp_path):
    site = unpacked(tmp_path / "a", torch_wheel("2.13.0"))
    assert try_engine(site, Variant.CPU).sentence() == "2.13.0, without a card"
    site = unpacked(tmp_path / "b", torch_wheel("2.13.0", card="RTX 3090"))
    assert try_engine(site, Variant.CU130).sentence() == "2.13.0, CUDA 13.0, RTX 3090"


def test_what_does_not_start_is_not_used(tmp_path):
    site = unpacked(tmp_path / "a", torch_wheel(code=BROKEN))
    with pytest.raises(UserFacingError) as refusal:
        try_engine(site, Variant.CPU)
    assert refusal.value.code == "engine.does_not_work" and "libcudart" in refusal.value.details


def test_a_build_for_a_card_that_finds_none_is_not_used(tmp_path):
    site = unpacked(tmp_path / "a", torch_wheel())
    with pytest.raises(UserFacingError) as refusal:
        try_engine(site, Variant.CU130)
    assert refusal.value.code == "engine.finds_no_card"
