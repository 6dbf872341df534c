"""The documentation agrees with the repository: links, folders, endpoints, version."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

import app

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md",
         ROOT / "DEPLOY.md", ROOT / "SECURITY.md",
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
        for room in ("demos", "deploy", "explain", "distill")
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


SCORES = json.loads((ROOT / "assets" / "models" / "scores.json").read_text(encoding="utf-8"))[
    "heads"
]
PUBLISHED = (  # head, metric, set
    ("sentiment", "accuracy", "sentiment_sst2"),
    ("ner", "f1", "ner_wikigold"),
    ("question_answering", "f1", "qa_xquad_en"),
    ("fill_mask", "top5", "text_wikipedia"),
)


def published(head: str, metric: str, name: str) -> str:
    """The last four cells of a row: n, both scores with their intervals, the share retained."""
    row = SCORES[head]["sets"][name]
    scores = [row[role][metric] for role in ("teacher", "student")]
    shown = [
        f"{100 * s['value']:.1f} % ({100 * s['low']:.1f} to {100 * s['high']:.1f})" for s in scores
    ]
    kept = scores[1]["value"] / scores[0]["value"]
    return " | ".join([f"{row['n']:,}", *shown, f"{100 * kept:.1f} %"])


def mean(head: str, metric: str, without: str = "") -> str:
    """The same cells for the mean of a head's other sets."""
    rows = [row for name, row in SCORES[head]["sets"].items() if name != without]
    teacher, student = (
        sum(row[role][metric]["value"] for row in rows) / len(rows)
        for role in ("teacher", "student")
    )
    points = metric == "points_above_chance"
    scale, unit = (1, "") if points else (100, " %")
    shown = [f"{scale * value:.1f}{unit}" for value in (teacher, student)]
    total = sum(row["n"] for row in rows)
    return " | ".join([f"{total:,}", *shown, f"{100 * student / teacher:.1f} %"])


@pytest.mark.parametrize("page", ["README.md", "docs/measurements.md"])
def test_the_published_scores_are_those_that_were_measured(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    cells = [published(*row) for row in PUBLISHED]
    cells.append(mean("multiple_choice", "points_above_chance"))
    if page != "README.md":
        cells.append(published("question_answering", "f1", "qa_squadshifts_wiki"))
        cells.append(mean("ner", "f1", without="ner_wikigold"))
    assert [cell for cell in cells if f" | {cell} |\n" not in text] == []
