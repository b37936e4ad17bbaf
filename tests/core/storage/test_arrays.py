import numpy as np
import pytest

from core.storage.arrays import mapped
from core.storage.ordinary import OddFileError


def test_an_array_is_mapped(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(5))
    assert mapped(tmp_path / "a.npy", np.int64, (5,)).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "array", [np.zeros(4, dtype=np.int64), np.zeros((5, 1), dtype=np.int64), np.zeros(5)]
)
def test_another_array_is_refused(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(ValueError, match="holds"):
        mapped(tmp_path / "a.npy", np.int64, (5,))


def test_pickles_and_noise_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array([object()]), allow_pickle=True)
    (tmp_path / "b.npy").write_bytes(b"\x93NUMPY\x01\x00" + b"x" * 100)
    for name in ("a.npy", "b.npy"):
        with pytest.raises(ValueError):
            mapped(tmp_path / name, np.int64)


def test_a_link_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(5))
    (tmp_path / "b.npy").symlink_to(tmp_path / "a.npy")
    with pytest.raises(OddFileError):
        mapped(tmp_path / "b.npy", np.int64)
