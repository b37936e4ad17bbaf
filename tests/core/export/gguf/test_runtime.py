import pytest

from core.export.gguf.runtime import Runtime


def test_what_cannot_be_loaded_is_an_error(tmp_path):
    """Sound files are loaded in children only: see test_proof."""
    with pytest.raises((RuntimeError, OSError)):
        Runtime(tmp_path / "nothing.gguf", 64)
