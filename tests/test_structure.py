"""Rules about the source itself: mirrored tests, tested error codes, banned calls, borders."""

import ast
import io
import os
import re
import shutil
import subprocess
import sys
import tokenize
from collections import Counter
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


def test_no_file_of_the_window_is_longer_than_three_hundred_lines():
    files = [ROOT / source for source in SOURCES if source.parts[0] == "gui"]
    lengths = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in files}
    assert len(lengths) > 200
    assert [str(p.relative_to(ROOT)) for p, count in lengths.items() if count > 300] == []


@pytest.mark.parametrize("pattern", BANNED)
def test_banned_calls_do_not_occur(pattern):
    found = [
        f"{source}: {match.group()}"
        for source in SOURCES
        for match in re.finditer(pattern, (ROOT / source).read_text(encoding="utf-8"), re.M)
    ]
    assert not found, BANNED[pattern]


RENDERING = re.compile(
    r"\bjinja2?\b|\bapply_chat_template\b|\bget_chat_template\b"
    r"|\bcompile_jinja|\brender_jinja|\bfrom_string\("
)


def test_chat_templates_are_rendered_in_one_place_only():
    """A stranger's template can loop, eat the memory or reach into Python: see templates.py."""
    guard = {"core/chat/sandbox.py"}
    found = {
        f"{path}: {match.group()}"
        for folder in ("core", "gui", "packaging")
        for path in (ROOT / folder).rglob("*.py")
        if path.relative_to(ROOT).as_posix() not in guard
        for line in code_lines(path)
        for match in RENDERING.finditer(line)
    }
    assert not found


def code_lines(path: Path) -> list[str]:
    """Return the lines of a file without comments and texts."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    left_out = {tokenize.COMMENT, tokenize.STRING}
    lines: dict[int, str] = {}
    for token in tokens:
        if token.type not in left_out:
            lines[token.start[0]] = f"{lines.get(token.start[0], '')} {token.string}"
    return [line.replace(" . ", ".").replace(" (", "(") for line in lines.values()]


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
    heavy = (".engine", ".experts.", "core.generation.")
    light = [name for name in modules("core") if not any(part in name for part in heavy)]
    statement = ";".join(f"import {name}" for name in light)
    loaded = loaded_after(statement)
    assert not loaded & {"PySide6", "pyqtgraph", "gui"}
    assert not loaded & set(HEAVY), "heavy libraries are imported inside functions"


MOST_MODULES = 15


def test_no_folder_holds_too_many_modules():
    folders: dict[Path, int] = {}
    for source in SOURCES:
        folders[source.parent] = folders.get(source.parent, 0) + 1
    assert folders.pop(Path("gui")) <= 3
    assert not {str(f): n for f, n in folders.items() if n > MOST_MODULES}


def test_every_package_says_what_is_in_it():
    packages = {source.parent for source in SOURCES}
    silent = [
        str(package)
        for package in sorted(packages)
        if not ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text("utf-8")))
    ]
    assert not silent


def test_every_package_stands_in_the_tree_of_the_readme():
    tree = (ROOT / "README.md").read_text("utf-8").partition("```\ncore/ ")[2].partition("```")[0]
    core, _gui, gui = tree.partition("\ngui/ ")
    for part, text in (("core", core), ("gui", gui)):
        named = Counter(re.findall(r"(\w+)/(?=[\s\w])", text))
        packages = {source.parent for source in SOURCES if source.parts[0] == part}
        there = Counter(package.name for package in packages if package != Path(part))
        assert sorted(there - named) == []


BROKEN = {
    "gui/library/page.py": "import gui.saving.page",  # a page that knows another
    "gui/kit/theme.py": "import gui.shell.footer",  # what is shared knows the frame
    "core/hardware/cards/nvml.py": "import core.jobs.link",  # a stage knows a later one
    "core/models/weights.py": "import core.models.tensors",  # a circle
    "core/files_of_tests.py": "import gui.app",  # core knows the window
}


def test_each_border_is_seen_when_it_is_crossed(tmp_path):
    """The contracts of import-linter, broken on purpose in a copy of the source."""
    for folder in ("core", "gui"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    for path, line in BROKEN.items():
        with (tmp_path / path).open("a", encoding="utf-8") as source:
            source.write(f"\n{line}\n")
    script = (
        "import sys; from importlinter.cli import lint_imports_command as run; run(['--no-cache'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
    )
    assert done.returncode == 1, done.stdout + done.stderr
    broken = re.findall(r"^(.*) BROKEN", done.stdout, re.M)
    assert len(broken) == 4, done.stdout
    for seen in ("gui.library.page -> gui.saving.page", "gui.kit.theme -> gui.shell.footer"):
        assert seen in done.stdout
