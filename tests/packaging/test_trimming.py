import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load(name: str):  # type: ignore[no-untyped-def]
    """Import a file of ``packaging/``, which is a folder of scripts and no package."""
    spec = importlib.util.spec_from_file_location(
        f"packaging_{name}", ROOT / "packaging" / f"{name}.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[f"packaging_{name}"] = module  # a dataclass looks up its own module
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


keep_for_engine = load("trimming").keep_for_engine


@pytest.mark.parametrize(
    "path",
    [
        "bin/pyside6-uic",
        "bin/hf.exe",
        "hf_xet/hf_xet.abi3.so",
        "PySide6/designer",
        "PySide6/lupdate.exe",
        "PySide6/Qt/qml/QtQuick/x.so",
        "PySide6/qml/QtQuick/x.dll",
        "PySide6/QtQml.abi3.so",
        "PySide6/QtQml.pyd",
        "PySide6/Qt6Quick3D.dll",
        "PySide6/Qt/plugins/sqldrivers/libqsqloci.so",
        "PySide6/plugins/sqldrivers/qsqloci.dll",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "pandas/core/tests/test_x.py",
    ],
)
def test_what_an_installation_does_not_use_is_left_out(path):
    assert not keep_for_engine(path)


@pytest.mark.parametrize(
    "path",
    [
        "bin/uv",
        "bin/uv.exe",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/plugins/platforms/qwindows.dll",
        "PySide6/plugins/imageformats/qjpeg.dll",
        "PySide6/QtSvg.abi3.so",
        "PySide6/QtWidgets.pyd",
        "PySide6/Qt6Core.dll",
        "PySide6/Qt6OpenGLWidgets.dll",
        "pyarrow/libarrow_substrait.so.2600",
        "core/chat/template.py",
        "resources/style.qss",
    ],
)
def test_what_it_uses_stays(path):
    assert keep_for_engine(path)


def test_libraries_for_the_cards_that_may_come_stay():
    assert keep("bitsandbytes/libbitsandbytes_cuda130.so", cuda="any")
    assert keep("bitsandbytes/libbitsandbytes_cuda126.so", cuda="any")
    assert not keep("bitsandbytes/libbitsandbytes_cuda118.so", cuda="any")


@pytest.mark.parametrize(
    ("name", "kept"),
    [("de.dat", True), ("zh_Hans_CN.dat", True), ("en_GB.dat", True), ("LICENSE.unicode", True),
     ("root.dat", True), ("fo.dat", False), ("frr.dat", False), ("it_IT.dat", False)],
)  # fmt: skip
def test_dates_and_numbers_come_in_the_languages_of_the_window(name: str, kept: bool) -> None:
    assert keep_for_engine(f"babel/locale-data/{name}") is kept
