"""A client of the tool server, run by its own environment: prints what it was told, as JSON.

.venv-mcp/bin/python tests/deploy/mcp_client.py ADDRESS
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

ROOT = Path(__file__).resolve().parents[2]
CALLS = (
    ("sentiment", {"text": "A charming journey."}),
    ("question_answering", {"question": "Who came?", "context": "Ana came by boat."}),
    ("fill_mask", {"text": "No gap."}),  # refused in a sentence by the app
    ("sentiment", {"txt": "A charming journey."}),  # refused by the schema
)


async def main(address: str) -> None:
    """List the tools, call some."""
    started = StdioServerParameters(
        command=sys.executable, args=["-m", "deploy.mcp_server", address], cwd=ROOT
    )
    async with stdio_client(started) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        listed = (await session.list_tools()).tools
        results = [await session.call_tool(name, inputs) for name, inputs in CALLS]
    said = {
        "tools": [tool.model_dump() for tool in listed],
        "results": [[result.isError, result.content[0].text] for result in results],
    }
    print(json.dumps(said))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
