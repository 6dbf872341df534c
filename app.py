"""DistilBERT Explorer: the page and the program that serves it. The tabs are in `demos/`."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")  # remembered for statistics not made

from explain import settings

os.environ.update(settings.TORCH | dict(os.environ))
if sys.argv[1:] == ["--check"] and __name__ == "__main__":
    from explain.models.check import check

    sys.exit(check())
if __name__ == "__main__":  # before anything slow: `--help`, a wrong setting, a port in use
    PAIR_GIVEN = "PAIR" in os.environ or any(each.startswith("--pair") for each in sys.argv)
    settings.apply(settings.read(sys.argv[1:]))
    LISTENER = settings.bind(settings.current())
if settings.current().threads:  # read when torch is imported
    os.environ["OMP_NUM_THREADS"] = str(settings.current().threads)

import gradio as gr

try:  # a ZeroGPU Space starts only with a function that asks for a GPU; nothing here needs one
    import spaces  # type: ignore[import-not-found]
except ImportError:
    pass
else:
    spaces.GPU(duration=1)(lambda: None)

from demos import base_pair, tabs
from demos.answers import exclusive_compute
from demos.common import ANSWER, ANSWERS_AT_ONCE, QUIET, theme
from demos.hosting import application
from demos.saving import saved_facts
from demos.why.handlers import attribute
from explain.models import PAIRS
from explain.render import notices
from explain.serving.warm_up import warm_up

ASSETS = Path(__file__).parent / "assets"
TITLE = "DistilBERT Explorer"
SCRIPTS = ("page.js", "save.js", "live.js")
FILES_KEPT = (3_600, 86_400)  # seconds: looked through every hour, uploads and downloads of a day
FOOTER = "@media (max-width: 640px) { footer .divider { display: none; } }"
"""Gradio's own, out of reach of `css`: on a phone the link left of its dot is not shown."""
VIEWS = (
    ("Large type", "large"),
    ("Present", "present"),
    ("Dark", "dark"),
    ("Link", "link"),
    ("Save", "save"),
)
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
                for name, action in VIEWS:
                    button = gr.Button(name, size="sm", elem_id=f"view-{action}", min_width=0)
                    button.click(None, js=f"() => dx.{action}()", api_visibility="private")
        whereabouts = gr.HTML(base_pair.whereabouts(pair), elem_id="pair-note")
        chosen.change(base_pair.whereabouts, chosen, whereabouts, queue=False, **QUIET)
        with gr.Tabs(overflow_behavior="wrap", elem_id="tabs"):
            for module in tabs():
                key = module.__name__.rpartition(".")[2]
                with gr.Tab(module.TITLE, id=key, elem_id=f"tab-{key}") as tab:
                    gr.HTML(notices.hidden_heading(module.TITLE), elem_classes="dx-hidden")
                    module.build(chosen)
                tab.select(None, js=f"() => dx.opened('{key}')", api_visibility="private")
        gr.api(attribute, api_name="attribute", **ANSWER)
    return blocks


def launch_settings() -> dict[str, object]:
    """Everything `launch` needs besides the address: looks, limits, no outside request."""
    scripts = [(ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS]
    return {
        "theme": theme(),
        "css": "\n".join(path.read_text("utf-8") for path in sorted(ASSETS.glob("style*.css"))),
        "head": f"<style>{FOOTER}</style>{saved_facts()}"
        + "".join(f"<script>{each}</script>" for each in scripts),
        "ssr_mode": False,
        "run_history": False,
        "enable_monitoring": False,
        "footer_links": ["api", "settings"],
        "show_error": False,
        "max_file_size": settings.current().upload_bytes,
        "pwa": False,
        "max_threads": ANSWERS_AT_ONCE + 40,
    }


def first_pair(given: bool) -> str:
    """The pair chosen at first. Where none is `given`, a Space with the base pair takes that."""
    hosted = "SPACE_ID" in os.environ and not given
    return "base" if hosted and base_pair.is_here() else settings.current().pair


def main(listener: socket.socket, pair: str) -> None:
    """Serve the page."""
    chosen = settings.current()
    blocks = page(pair)
    if "SPACES_ZERO_GPU" in os.environ:  # such a Space reports that it runs when this is called
        blocks.queue(max_size=chosen.queue_size, default_concurrency_limit=4)
        listener.close()
        blocks.launch(**launch_settings())  # type: ignore[arg-type]
        return

    def listening() -> None:
        print(f"{TITLE}: http://{chosen.host}:{chosen.port}", flush=True)
        warm_up(pair, exclusive_compute)
        application.settle()

    app = application.application(blocks, chosen, launch_settings())
    application.serve(app, listener, listening, chosen.log_requests == "yes")


if __name__ == "__main__":
    main(LISTENER, first_pair(PAIR_GIVEN))
