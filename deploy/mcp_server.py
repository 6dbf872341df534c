"""The endpoints of a running app as tools of the Model Context Protocol, over stdin and stdout.

    .venv-mcp/bin/python -m deploy.mcp_server [ADDRESS]

Names, parameters and their texts are those of `docs/api.md`. It runs in an environment of its own
(`requirements-mcp.txt`) and needs none of the app's packages.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

import httpx
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.types import TextContent, Tool

PAGE = Path(__file__).resolve().parent.parent / "docs" / "api.md"
SECTION = re.compile(r"^### `/(\w+)`\n(.*?)(?=^##)", re.DOTALL | re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "object": {"type": "object"},
    "list of strings": {"type": "array", "items": {"type": "string"}},
    "list of objects": {"type": "array", "items": {"type": "object"}},
}
PAIR = {
    "type": "string", "enum": ["pocket", "base"], "default": "pocket",
    "description": "pair of models: the stored one, or ten checkpoints of the Hugging Face Hub",
}  # fmt: skip
TEXTS = {
    "sentiment": "Is an English text positive or negative? Probabilities of both models.",
    "fill_mask": "The most probable words at the one [MASK] of a text, from both models.",
    "ner": "Persons, organisations, locations and other names in a text, from both models.",
    "multiple_choice": "The most plausible of two to eight continuations, from both models.",
    "question_answering": "The words of a context that answer a question, from both models.",
    "tokenize": "The word pieces that both models read a text as.",
    "attribute": "What each word contributes to one answer of each model.",
    "race": "Measures the latency of two or more models; predictions wait meanwhile.",
    "evaluate": "Scores both models on labelled rows, with 95 % intervals.",
}
PATIENCE = 600.0  # seconds for one answer


def tools(page: str) -> list[Tool]:
    """One tool for each endpoint that the page documents."""
    return [
        Tool(name=name, description=TEXTS.get(name, name), inputSchema=schema(ROW.findall(body)))
        for name, body in SECTION.findall(page)
    ]


def schema(rows: list[tuple[str, str, str, str]]) -> dict[str, Any]:
    """The JSON schema of an endpoint's inputs, from the rows of its table."""
    properties: dict[str, Any] = {}
    for name, kind, default, meaning in rows:
        properties[name] = {**TYPES[kind], "description": meaning.replace("`", "")}
        if default not in ("required", "none"):
            properties[name]["default"] = json.loads(default.strip("`"))
    required = [name for name, _, default, _ in rows if default == "required"]
    return {
        "type": "object",
        "properties": {**properties, "pair": PAIR},
        "required": required,
        "additionalProperties": False,
    }


async def call(address: str, name: str, inputs: dict[str, Any]) -> str:
    """The result of an endpoint as JSON; raises ValueError with the sentence of a refusal."""
    path = f"/gradio_api/call/v2/{name}"
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as client:
        try:
            posted = (await client.post(path, json=inputs)).raise_for_status()
            events = await client.get(f"{path}/{posted.json()['event_id']}")
        except httpx.HTTPError as error:
            raise ValueError(f"No answer from {address}: {error}. Is the app running?") from error
    found = re.search(r"event: (complete|error)\ndata: (.*)", events.text)
    if found is None:
        raise ValueError(f"{address} ended the answer early.")
    value = json.loads(found[2])
    if found[1] == "error":
        said = value.get("error") if isinstance(value, dict) else value
        raise ValueError(said or "The app could not answer; its log says why.")
    return json.dumps(value[0])


def server(address: str) -> Server[Any, Any]:
    """A server of the tools of the app at an address."""
    served: Server[Any, Any] = Server("distilbert-explorer")
    offered = tools(PAGE.read_text(encoding="utf-8"))

    @served.list_tools()  # type: ignore[no-untyped-call,untyped-decorator,unused-ignore]
    async def list_tools() -> list[Tool]:
        return offered

    @served.call_tool()  # type: ignore[untyped-decorator,unused-ignore]
    async def call_tool(name: str, inputs: dict[str, Any]) -> list[TextContent]:
        return [TextContent(type="text", text=await call(address, name, inputs))]

    return served


async def serve(address: str) -> None:
    """Answer on stdin and stdout until the client goes."""
    made = server(address)
    async with stdio_server() as (read, write):
        await made.run(read, write, made.create_initialization_options())


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860"))
