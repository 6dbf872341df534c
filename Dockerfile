# The app in a container, with the pocket pair; it needs no network and writes to /tmp alone:
#
#   docker build -t distilbert-explorer .
#   docker run --read-only --tmpfs /tmp -p 7860:7860 distilbert-explorer
#
# The index of PyTorch has builds without CUDA, which are a tenth of the size.
FROM python:3.12-slim AS build
ARG PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu
COPY requirements.txt /
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r /requirements.txt

FROM python:3.12-slim
COPY --from=build /venv /venv
WORKDIR /app
COPY LICENSE NOTICE app.py ./
COPY assets ./assets
COPY demos ./demos
COPY distill ./distill
COPY explain ./explain
ENV HOST=0.0.0.0 PORT=7860 PAIR=pocket HF_HUB_OFFLINE=1
ENV HOME=/tmp GRADIO_TEMP_DIR=/tmp/gradio PYTHONDONTWRITEBYTECODE=1
USER 65534:65534
EXPOSE 7860
HEALTHCHECK --start-period=60s CMD ["/venv/bin/python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=5)"]
CMD ["/venv/bin/python", "app.py"]
