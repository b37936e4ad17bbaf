"""Which collected files the frozen application can do without."""

from __future__ import annotations

import re
from pathlib import Path

_SPOKEN = sorted(
    {path.parent.name.partition("_")[0]
     for path in (Path(__file__).resolve().parents[1] / "resources/locale").glob("*/LC_MESSAGES")}
    | {"en", "root", "LICENSE"}
)  # fmt: skip
_DROPPED = (
    r"torch/(include|share|test|testing/_internal/distributed)/",
    r"torch/bin/(?!torch_shm_manager)",
    r"torch/lib/.*\.(a|lib)$",
    r"PySide6/Qt/translations/(?!qtbase_)",
    r"PySide6/(Qt/)?plugins/(platformthemes|egldeviceintegrations|xcbglintegrations)/.*(eglfs|kms)",
    r"PySide6/Qt/lib/libQt6(Qml|Quick|VirtualKeyboard)",
    r"pyarrow/(include|tests|src)/",
    r"(pyarrow/)?(lib)?[^/]*(arrow_flight|arrow_python_flight|gandiva|arrow_s3)[^/]*\.so",
    r"pyarrow/_(flight|s3fs|orc)\.",
    r"bitsandbytes/libbitsandbytes_(rocm|xpu)",
    r"numpy/(tests|.*/tests)/",
    r".*/(tests|test_data)/.*\.(py|pyc|json|csv|parquet)$",
)
_PATTERN = re.compile("|".join(f"(?:{pattern})" for pattern in _DROPPED))
# Packages as they are installed, where PyTorch comes later: tools and forms that are not used.
_DROPPED_FROM_PACKAGES = (
    r"bin/(?!uv(\.exe)?$)",
    r"hf_xet(-[^/]+)?/",
    r".*\.(pyi|pyx|pxd|a|lib|h|hpp|cuh|cc|c|cpp)$",
    rf"babel/locale-data/(?!({'|'.join(_SPOKEN)})[._])",
    r"PySide6/(assistant|designer|linguist|lrelease|lupdate|qml\w*|svgtoqml|balsam\w*)$",
    r"PySide6/\w+\.exe$",
    r"PySide6/opengl32sw\.dll",
    r"PySide6/Qt6(Concurrent|Designer\w*|Help|Labs\w+|Lottie\w*|PrintSupport|Qml\w*|Quick\w*)\.dll",
    r"PySide6/Qt6(ShaderTools|Sql|Test|UiTools|Xml)\.dll",
    r"PySide6/pyside6qml",
    r"PySide6/(doc|glue|include|scripts|support|typesystems|lib)/",
    r"PySide6/(Qt/)?(qml|metatypes|libexec|modules|mkspecs)/",
    r"PySide6/(Qt)?(Concurrent|Designer|Help|PrintSupport|Qml|Quick\w*|Sql|Test|UiTools|Xml)\.(abi3|pyd)",
    r"PySide6/libpyside6qml",
    r"PySide6/Qt/lib/libQt6(Concurrent|Designer\w*|EglF\w+|Help|Labs\w+|Lottie\w*|PrintSupport)\.so",
    r"PySide6/Qt/lib/libQt6(Sql|Test|UiTools|Xml|WaylandCompositor|WaylandEglComp\w+)\.so",
    r"PySide6/(Qt/)?plugins/(designer|egldeviceintegrations|generic|networkinformation|printsupport)/",
    r"PySide6/(Qt/)?plugins/(qmllint|qmltooling|sqldrivers|tls|vectorimageformats)/",
    r"PySide6/(Qt/)?plugins/wayland-graphics-integration-server/",
    r"PySide6/(Qt/)?plugins/platforms/libq(eglfs|linuxfb|minimalegl|vkkhrdisplay|vnc)",
    r"PySide6/(Qt/)?plugins/platformthemes/libqgtk3",
    r"PySide6/(Qt/)?plugins/platforminputcontexts/(lib)?qtvirtual",
    r"PySide6/(Qt/)?plugins/imageformats/(lib)?q(pdf|tga|tiff|wbmp|icns|webp)",
    r"(pandas|pyarrow|datasets|transformers|peft|accelerate|numpy|auto_round)/(.*/)?tests?/",
)
_NOT_CARRIED = re.compile("|".join(f"(?:{pattern})" for pattern in _DROPPED_FROM_PACKAGES))
_CUDA_LIBRARY = re.compile(r"bitsandbytes/libbitsandbytes_cuda(\d+)")

_CUDA_BUILDS = (126, 130)


def keep(target: str, cuda: str | None = None) -> bool:
    """Return whether the file that goes to ``target`` (relative, any separators) is needed.

    Args:
        cuda: the CUDA version that torch was built with (``"13.0"``), ``""`` for none, ``"any"``
            for those that can be fetched later; asked from torch when it is not given.
    """
    path = target.replace("\\", "/")
    library = _CUDA_LIBRARY.match(path)
    if library:
        version = _torch_cuda() if cuda is None else cuda
        if version == "any":
            return int(library.group(1)) in _CUDA_BUILDS
        return library.group(1) == version.replace(".", "")
    return _PATTERN.match(path) is None


def keep_for_engine(target: str) -> bool:
    """Return whether an installed file is needed where PyTorch is fetched later."""
    return _NOT_CARRIED.match(target) is None


def _torch_cuda() -> str:
    import torch

    return torch.version.cuda or ""
