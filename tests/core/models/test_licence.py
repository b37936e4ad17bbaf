from pathlib import Path

import pytest

from core.models.licence import licence_name, licence_of


@pytest.mark.parametrize(
    ("readme", "identifier"),
    [
        ("---\nlanguage: en\nlicense: apache-2.0\n---\n# Model", "apache-2.0"),
        ("---\r\nlicense: 'MIT'\r\n---\r\n", "mit"),
        ("---\nlicense: other\nlicense_name: qwen-research\n---\n", "qwen-research"),
        ("---\nlicense: llama3.2\n---", "llama3.2"),
        ("# Model\nlicense: mit\n", "unknown"),
        ("", "unknown"),
    ],
)
def test_front_matter(tmp_path: Path, readme: str, identifier: str) -> None:
    (tmp_path / "README.md").write_bytes(readme.encode())
    assert licence_of(tmp_path, {}) == identifier


def test_licence_file_then_config(tmp_path: Path) -> None:
    assert licence_of(tmp_path, {"license": "MIT"}) == "mit"
    (tmp_path / "LICENSE").write_text("   Apache\n License\n Version 2.0", encoding="utf-8")
    assert licence_of(tmp_path, {"license": "MIT"}) == "apache-2.0"


def test_names_for_people() -> None:
    assert licence_name("apache-2.0") == "Apache 2.0"
    assert licence_name("unknown") == "Licence unknown"
    assert licence_name("something-new") == "something-new"
