"""The picture in docs/architecture.md, enforced: imports go one way only."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("site_project", "comments", "articles")
# Which of our packages each may import besides itself.
ALLOWED = {
    "articles": set(),
    "comments": {"articles"},
    "site_project": {"comments", "articles"},
}


def modules_of(package):
    for path in sorted((ROOT / package).rglob("*.py")):
        if "tests" not in path.parts and "migrations" not in path.parts:
            yield path


def imported_by(path):
    """Return the absolute names a module imports, relative imports resolved."""
    package = list(path.relative_to(ROOT).with_suffix("").parts)[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            yield from (".".join([*base, *filter(None, [node.module]), alias.name]) for alias in node.names)


def first_names(path):
    return {name.split(".")[0] for name in imported_by(path)}


@pytest.mark.parametrize("package", APPS)
def test_imports_go_one_way(package):
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules_of(package)
        for name in first_names(path) & set(APPS) - {package} - ALLOWED[package]
    }
    assert not wrong


def test_moderation_needs_the_standard_library_alone():
    wrong = set()
    for path in modules_of("comments/moderation"):
        for name in imported_by(path):
            if name.startswith("comments.moderation"):
                continue
            if name.split(".")[0] not in sys.stdlib_module_names:
                wrong.add(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong


def test_moderation_asks_neither_clock_nor_network():
    forbidden = {"time", "datetime", "socket", "urllib.request", "http", "random", "sqlite3"}
    for path in modules_of("comments/moderation"):
        names = set(imported_by(path))
        assert not {name for name in names if name in forbidden or name.split(".")[0] in forbidden}, path


def test_relative_imports_are_resolved(tmp_path, monkeypatch):
    module = tmp_path / "comments" / "moderation" / "leak.py"
    module.parent.mkdir(parents=True)
    module.write_text("from ..models import Comment\nfrom ... import articles\n")
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    assert set(imported_by(module)) == {"comments.models.Comment", "articles"}


@pytest.mark.parametrize("name", ["utils.py", "services.py", "signals.py", "helpers.py"])
def test_files_are_named_for_what_they_know(name):
    assert not [path for app in APPS for path in modules_of(app) if path.name == name]


def test_only_one_module_calls_bleach():
    """The sanitiser is to be replaced in one place, so nobody else may know its name."""
    users = {
        path.relative_to(ROOT).as_posix()
        for app in APPS
        for path in modules_of(app)
        if "bleach" in first_names(path)
    }
    assert users == {"articles/sanitizer.py"}
