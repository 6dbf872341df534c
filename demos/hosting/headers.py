"""Headers of every response, and the routes that Gradio opens and this app does not.

The content security policy lets the page load nothing from another host and send nothing to one.
Gradio starts its page by a script in the page and compiles handlers from text, so both are allowed;
what visitors write is escaped (`explain.render`). The page may stand in the frame of a Space.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FRAMES = "'self' https://huggingface.co https://*.hf.space"
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "worker-src": "'self' blob:",
    "connect-src": "'self' data: blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": FRAMES,
}
HEADERS = {
    "content-security-policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
CLOSED = ("/gradio_api/proxy=", "/gradio_api/vibe-", "/gradio_api/undo-vibe-", "/monitoring")
"""Fetching for others, editing the app's code, statistics: not served."""


class Headers:
    """Adds `HEADERS` to every response and answers 404 for what is `CLOSED`."""

    def __init__(self, app: ASGIApp) -> None:
        """`app` answers everything else."""
        self.app = app
        self.headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self.headers]
            await send(message)

        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"].startswith(CLOSED):
            await send_with_headers({"type": "http.response.start", "status": 404})
            await send({"type": "http.response.body", "body": b"Not found"})
        else:
            await self.app(scope, receive, send_with_headers)
