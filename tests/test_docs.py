"""The documentation, kept true: what it names is there, and what is there is named."""

import ast
import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
# What a running copy makes for itself, and what tools leave behind.
NOT_OURS = {".git", ".venv", "var", "htmlcov", "__pycache__"}

FENCE = re.compile(r"^```[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"!?\[[^]]*\]\(([^)\s]+)\)")


def name_of(path):
    return path.relative_to(ROOT).as_posix()


every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


@cache
def text_of(page):
    return page.read_text(encoding="utf-8")


def prose_of(page):
    return FENCE.sub("", text_of(page))


def code_of(page):
    """Return all that stands in code blocks and code spans, line by line."""
    return "\n".join([*FENCE.findall(text_of(page)), *CODE_SPAN.findall(prose_of(page))])


def anchors_of(page):
    """Return the anchors of a page's headings, made as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", prose_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def requirements(file):
    """Return the names of the packages that a requirements file asks for directly."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [match[0] for line in lines if (match := re.match(r"[a-z0-9][a-z0-9._-]*", line))]


def variables_of_settings():
    """Return each environment variable that settings read, with its default; None where it is not plain."""
    tree = ast.parse((ROOT / "site_project" / "settings.py").read_text(encoding="utf-8"))
    variables = {}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name("env")), args=[ast.Constant(str(name))]):
                default = next((each.value for each in node.keywords if each.arg == "default"), None)
                variables[name] = default.value if isinstance(default, ast.Constant) else None
    return variables


def variables_of_docs():
    """Return the table of every setting: names with their defaults, as written."""
    section = text_of(DOCS / "deployment.md").partition("## Every setting\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", section, re.MULTILINE))


@every_page
def test_links_lead_somewhere(page):
    lost = []
    for target in LINK.findall(prose_of(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _hash, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.is_file() or (anchor and anchor not in anchors_of(file)):
            lost.append(target)
    assert not lost


@every_page
def test_files_named_are_there(page):
    named = set(re.findall(r"(?<![\w./-])[\w.-]+(?:/[\w.-]+)+\.(?:py|html|css|js)\b", code_of(page)))
    assert not {path for path in named if not (ROOT / path).is_file() and not list(ROOT.glob(f"*/{path}"))}


def test_tour_of_the_tree_names_what_is_there():
    tour = text_of(ROOT / "README.md").partition("## A tour of the tree")[2]
    folder, lost = ROOT, []
    for line in FENCE.search(tour)[1].splitlines():
        if not line.startswith(" "):
            folder = ROOT
        names = re.split(r"\s{3,}", line.strip())[0].split()
        lost += [name for name in names if not (folder / name).exists()]
        if not line.startswith(" ") and names[0].endswith("/"):
            folder = ROOT / names[0]
    assert not lost


def test_settings_and_the_page_on_deployment_name_the_same_variables():
    assert set(variables_of_docs()) == set(variables_of_settings())


@pytest.mark.parametrize(
    "name", [name for name, value in variables_of_settings().items() if value not in (None, "")]
)
def test_default_on_the_page_is_the_default_in_settings(name):
    assert variables_of_docs()[name] == f"`{variables_of_settings()[name]}`"


def test_readme_names_settings_that_there_are():
    section = text_of(ROOT / "README.md").partition("## Settings\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) <= set(variables_of_settings())


def test_environment_on_the_page_passes_djangos_examination():
    """``check --deploy`` finds nothing, with exactly what the page tells people to write."""
    script = next(block for block in FENCE.findall(text_of(DOCS / "deployment.md")) if "<<END" in block)
    script = re.sub(r"cat > \S+", "cat", script).replace("python3", shlex.quote(sys.executable))
    lines = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    environment = dict(shlex.split(line)[0].split("=", 1) for line in lines.splitlines())
    assert set(environment) <= set(variables_of_settings())
    check = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
    )
    assert check.returncode == 0, check.stderr


@pytest.mark.parametrize("file", ["requirements.in", "requirements-dev.in"])
def test_some_decision_names_each_requirement(file):
    decisions = "\n".join(map(text_of, DECISIONS)).lower()
    missing = [name for name in requirements(file) if not re.search(rf"\b{re.escape(name)}\b", decisions)]
    assert requirements(file)
    assert not missing


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_decision_says_context_choice_and_consequences(page):
    assert re.findall(r"^## (.+)$", text_of(page), re.MULTILINE) == ["Context", "Choice", "Consequences"]
    assert text_of(page).startswith(f"# {int(page.name[:4])}. ")


def test_decisions_are_numbered_without_a_gap_and_listed():
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    listed = re.findall(
        r"^\| \[(\d+)\]\(decisions/(.+?)\) \| (.+) \|$", text_of(DOCS / "architecture.md"), re.MULTILINE
    )
    titles = [text_of(page).splitlines()[0].removeprefix("# ").split(". ", 1) for page in DECISIONS]
    assert listed == [
        (number, page.name, title) for page, (number, title) in zip(DECISIONS, titles, strict=True)
    ]


def test_readme_names_the_two_commands():
    blocks = "\n".join(FENCE.findall(text_of(ROOT / "README.md")))
    assert {"make run", "make test"} <= set(re.findall(r"^make \w+", blocks, re.MULTILINE))


@every_page
def test_make_targets_named_are_there(page):
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z][\w-]*)", code_of(page))) <= targets


@every_page
def test_management_commands_named_are_there(page):
    named = set(re.findall(r"\bmanage\.py ([a-z]\w*)", code_of(page)))
    assert named <= set(get_commands())


def test_requirements_name_no_place_to_fetch_them_from():
    for file in sorted(ROOT.glob("requirements*")):
        asked = re.sub(r"#.*", "", text_of(file))
        options = set(re.findall(r"(?:^|\s)(--?[a-z][\w-]*)", asked, re.MULTILINE))
        assert options <= {"--hash", "-c"}, file.name


def test_no_text_names_a_package_index():
    """Where packages come from is for each machine to say."""
    index = re.compile(r"\b(?:pypi|pythonhosted|npmjs|anaconda)\.(?:org|com|python\.org)\b")
    naming = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith("_cache")]
        for file in (Path(folder) / name for name in files):
            if index.search(file.read_bytes().decode("utf-8", "replace")):
                naming.append(name_of(file))
    assert not naming
