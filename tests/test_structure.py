"""Rules about the source itself: mirrored tests, tested error codes, banned calls, borders."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    path.relative_to(ROOT)
    for folder in ("core", "gui")
    for path in (ROOT / folder).rglob("*.py")
    if path.name != "__init__.py"
)
HEAVY = ("torch", "transformers", "peft", "bitsandbytes", "datasets")
BANNED = {
    r"\btrust_remote_code\b": "custom code of a model is never run",
    r"\btorch\.load\b": "pickles are never read",
    r"^\s*(?:import|from) (?:pickle|cloudpickle|dill|joblib)\b": "pickles are never read",
    r"\.terminate\(\)": "a thread or child is asked to end, never torn down",
}


def codes(path: Path) -> Iterator[str]:
    """Yield the literal codes of the UserFacingErrors that a file raises."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "UserFacingError":
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant):
                yield str(first.value)


def test_every_source_file_has_its_test_file():
    missing = [
        str(source)
        for source in SOURCES
        if not (ROOT / "tests" / source.parent / f"test_{source.name.lstrip('_')}").is_file()
        and source.name != "__main__.py"
    ]
    assert not missing


def test_every_error_code_is_named_in_a_test():
    tests = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("*.py"))
    unnamed = {code for s in SOURCES for code in codes(ROOT / s) if f'"{code}"' not in tests}
    assert not unnamed


@pytest.mark.parametrize("pattern", BANNED)
def test_banned_calls_do_not_occur(pattern):
    found = [
        f"{source}: {match.group()}"
        for source in SOURCES
        for match in re.finditer(pattern, (ROOT / source).read_text(encoding="utf-8"), re.M)
    ]
    assert not found, BANNED[pattern]


def loaded_after(statement: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after ``statement``."""
    script = f"{statement}\nimport sys\nprint('\\n'.join({{n.split('.')[0] for n in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.split())


def modules(folder: str) -> list[str]:
    names = (str(s.with_suffix("")).replace("/", ".") for s in SOURCES if s.parts[0] == folder)
    return [name for name in names if not name.endswith("__main__")]


def test_the_window_loads_no_heavy_library():
    statement = ";".join(f"import {name}" for name in modules("gui"))
    assert not loaded_after(statement) & set(HEAVY)


def test_the_core_knows_no_window():
    light = [name for name in modules("core") if ".engine" not in name]
    statement = ";".join(f"import {name}" for name in light)
    loaded = loaded_after(statement)
    assert not loaded & {"PySide6", "pyqtgraph", "gui"}
    assert not loaded & set(HEAVY), "heavy libraries are imported inside functions"
