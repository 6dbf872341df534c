"""The documentation agrees with the repository: links, folders, endpoints, version."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import app

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md",
         *sorted((ROOT / "docs").glob("*.md"))]  # fmt: skip


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub derives them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_or_a_heading_resolves(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def test_the_readme_is_short() -> None:
    assert (ROOT / "README.md").stat().st_size < 10_000


def test_the_tree_of_the_readme_lists_every_folder_of_code() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    tree = text.partition("## The tree")[2].split("```")[1]
    parents: list[str] = []
    listed = set()
    for indent, name in re.findall(r"^( *)(\w+)/ ", tree, re.MULTILINE):
        parents = [*parents[: len(indent) // 2], name]
        listed.add("/".join(parents))
    code = {
        path.parent.relative_to(ROOT).as_posix()
        for room in ("demos", "explain", "distill")
        for path in (ROOT / room).rglob("*.py")
    }
    assert listed == code | {"assets", "docs", "tests"}


def test_the_api_page_documents_every_endpoint_and_input() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    sections = {
        name: body
        for name, body in re.findall(r"^### `(/\w+)`\n(.*?)(?=^##)", text, re.DOTALL | re.MULTILINE)
    }
    endpoints = app.page().get_api_info()["named_endpoints"]
    assert sections.keys() == endpoints.keys()
    for name, endpoint in endpoints.items():
        inputs = {parameter["parameter_name"] for parameter in endpoint["parameters"]} - {"pair"}
        assert set(re.findall(r"^\| `(\w+)` \|", sections[name], re.MULTILINE)) == inputs, name
        for language in ("bash", "python", "js"):
            assert f"```{language}\n" in sections[name], (name, language)


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    released = re.search(
        r"^## \[(\d.*?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert re.search(r"^version: (.*)$", citation, re.MULTILINE).group(1) == project["version"]
    assert released.group(1) == project["version"]
