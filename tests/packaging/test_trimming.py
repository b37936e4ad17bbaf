import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load(name: str):  # type: ignore[no-untyped-def]
    """Import a file of ``packaging/``, which is a folder of scripts and no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "packaging" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(ROOT / "packaging"))  # they import each other
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "packaging"))
    return module


keep = load("trimming").keep


@pytest.mark.parametrize(
    "path",
    [
        "torch/include/ATen/ATen.h",
        "torch/bin/protoc",
        "torch\\share\\cmake\\x.cmake",
        "torch/lib/libx.a",
        "pyarrow/include/arrow/api.h",
        "pyarrow/libarrow_flight.so.2600",
        "libarrow_s3.so.2600",
        "pyarrow/_s3fs.cpython-311-x86_64-linux-gnu.so",
        "bitsandbytes/libbitsandbytes_cuda128.so",
        "bitsandbytes/libbitsandbytes_rocm71.so",
        "PySide6/Qt/translations/qt_de.qm",
    ],
)
def test_dropped(path: str) -> None:
    assert not keep(path, "13.0")


@pytest.mark.parametrize(
    "path",
    [
        "torch/bin/torch_shm_manager",
        "torch/lib/libtorch_cpu.so",
        "torch/testing/_internal/common_utils.py",
        "pyarrow/libarrow.so.2600",
        "pyarrow/_fs.cpython-311-x86_64-linux-gnu.so",
        "libarrow_dataset.so.2600",
        "pyarrow/libarrow_substrait.so.2600",  # linked by pyarrow's own core
        "bitsandbytes/libbitsandbytes_cpu.so",
        "bitsandbytes/libbitsandbytes_cuda130.so",
        "resources/models.json",
        "PySide6/Qt/translations/qtbase_de.qm",  # what dialogs of Qt say in other languages
        "PySide6/Qt/plugins/platforms/libqxcb.so",
    ],
)
def test_kept(path: str) -> None:
    assert keep(path, "13.0")


def test_without_cuda_no_cuda_library_stays() -> None:
    assert not keep("bitsandbytes/libbitsandbytes_cuda130.so", "")
