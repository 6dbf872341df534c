"""DistilBERT Explorer: settings, the page, launch. The tabs are in `demos/`."""

from __future__ import annotations

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")  # events between two of
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")  # its statistics, 14 to 38 ms each
os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # read when torch is imported: no busy waiting

import argparse
import threading
from pathlib import Path

import gradio as gr

try:  # a ZeroGPU Space starts only with a function that asks for a GPU; nothing here needs one
    import spaces  # type: ignore[import-not-found]
except ImportError:
    pass
else:
    spaces.GPU(duration=1)(lambda: None)

from demos import tabs
from demos.common import ANSWER, ANSWERS_AT_ONCE, exclusive_compute, theme
from demos.why.panel import attribute
from explain.models import PAIRS
from explain.render import notices
from explain.serving.warm_up import warm_up

ASSETS = Path(__file__).parent / "assets"
TITLE = "DistilBERT Explorer"
FILES_KEPT = (3_600, 86_400)  # seconds: looked through every hour, uploads and downloads of a day
FOOTER = "@media (max-width: 640px) { footer .divider { display: none; } }"
"""Gradio's own, out of reach of `css`: on a phone the link left of its dot is not shown."""
QUEUE = 1_000  # events that may wait: several presses of each student of a full lecture hall
PAIR_LABELS = {"pocket": "Pocket, offline", "base": "Base, from the Hub"}


def page(pair: str = "pocket") -> gr.Blocks:
    """The whole page; `pair` is chosen at first."""
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=FILES_KEPT) as blocks:
        with gr.Row(elem_id="top", equal_height=True):
            gr.HTML(
                notices.heading(TITLE, "BERT and its distilled student, side by side"),
                elem_id="title",
            )  # fmt: skip
            chosen = gr.Radio(
                [(PAIR_LABELS[name], name) for name in PAIRS], value=pair, label="Model pair",
                container=False, elem_id="pair", min_width=300,
            )  # fmt: skip
            with gr.Row(elem_id="view"):
                for name, action in (("Large type", "large"), ("Dark", "dark"), ("Link", "link")):
                    button = gr.Button(name, size="sm", elem_id=f"view-{action}", min_width=0)
                    button.click(None, js=f"() => dx.{action}()", api_visibility="private")
        with gr.Tabs(overflow_behavior="wrap", elem_id="tabs"):
            for module in tabs():
                key = module.__name__.rpartition(".")[2]
                with gr.Tab(module.TITLE, id=key, elem_id=f"tab-{key}") as tab:
                    module.build(chosen)
                tab.select(None, js=f"() => dx.opened('{key}')", api_visibility="private")
        gr.api(attribute, api_name="attribute", **ANSWER)
    return blocks


def launch_settings() -> dict[str, object]:
    """Everything `launch` needs besides the address: looks, limits, no outside request."""
    script = (ASSETS / "page.js").read_text(encoding="utf-8")
    return {
        "theme": theme(),
        "css": "\n".join(path.read_text("utf-8") for path in sorted(ASSETS.glob("style*.css"))),
        "head": f"<style>{FOOTER}</style><script>{script}</script>",
        "ssr_mode": False,
        "run_history": False,
        "enable_monitoring": False,
        "footer_links": ["api", "settings"],
        "show_error": False,
        "max_file_size": "5mb",
        "pwa": False,
        "max_threads": ANSWERS_AT_ONCE + 40,
    }


def main() -> None:
    """Serve the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "7860")))
    parser.add_argument("--host", default=os.environ.get("HOST"))
    parser.add_argument("--pair", choices=PAIRS, default=os.environ.get("PAIR", "pocket"))
    options = parser.parse_args()
    if options.pair not in PAIRS:  # a default is not held against the choices
        parser.error(f"PAIR is {' or '.join(PAIRS)}, not {options.pair!r}")
    blocks = page(options.pair).queue(max_size=QUEUE, default_concurrency_limit=4)
    blocks.launch(
        server_name=options.host, server_port=options.port, prevent_thread_lock=True,
        **launch_settings(),
    )  # fmt: skip
    threading.Thread(target=warm_up, args=(options.pair, exclusive_compute), daemon=True).start()
    blocks.block_thread()


if __name__ == "__main__":
    main()
