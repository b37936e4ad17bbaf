from pathlib import Path

from tests.packaging.test_trimming import ROOT, load

build = load("build")


def test_size_counts_files_not_links(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 1000)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert 1000 <= build.size_of(tmp_path) < 1300


def test_recipe_compiles() -> None:
    recipe = (ROOT / "packaging/homelab-tuner.spec").read_text(encoding="utf-8")
    code = compile(recipe, "homelab-tuner.spec", "exec")
    assert {"Analysis", "COLLECT", "keep"} <= set(code.co_names)
    assert "strip=False" in recipe
