"""Which collected files the frozen application can do without."""

from __future__ import annotations

import re

_DROPPED = (
    r"torch/(include|share|test|testing/_internal/distributed)/",
    r"torch/bin/(?!torch_shm_manager)",
    r"torch/lib/.*\.(a|lib)$",
    r"PySide6/Qt/translations/(?!qtbase_)",
    r"PySide6/Qt/plugins/(platformthemes|egldeviceintegrations|xcbglintegrations)/.*(eglfs|kms)",
    r"PySide6/Qt/lib/libQt6(Qml|Quick|VirtualKeyboard)",
    r"pyarrow/(include|tests|src)/",
    r"(pyarrow/)?(lib)?[^/]*(arrow_flight|arrow_python_flight|gandiva|arrow_s3)[^/]*\.so",
    r"pyarrow/_(flight|s3fs|orc)\.",
    r"bitsandbytes/libbitsandbytes_(rocm|xpu)",
    r"numpy/(tests|.*/tests)/",
    r".*/(tests|test_data)/.*\.(py|pyc|json|csv|parquet)$",
)
_PATTERN = re.compile("|".join(f"(?:{pattern})" for pattern in _DROPPED))
_CUDA_LIBRARY = re.compile(r"bitsandbytes/libbitsandbytes_cuda(\d+)")


def keep(target: str, cuda: str | None = None) -> bool:
    """Return whether the file that goes to ``target`` (relative, any separators) is needed.

    Args:
        cuda: the CUDA version that torch was built with (``"13.0"``), ``""`` for none; asked from
            torch when it is not given.
    """
    path = target.replace("\\", "/")
    library = _CUDA_LIBRARY.match(path)
    if library:
        version = _torch_cuda() if cuda is None else cuda
        return library.group(1) == version.replace(".", "")
    return _PATTERN.match(path) is None


def _torch_cuda() -> str:
    import torch

    return torch.version.cuda or ""
