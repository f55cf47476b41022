# One image for every role: settings in the environment say what a container does (docs/operations.md).
#
#   docker build -t talentfeed .
#   docker build -t talentfeed --build-arg EXTRAS="ocr otel" --build-arg PACKAGES="catdoc" .

FROM python:3.13-slim-trixie AS base
ENV PYTHONDONTWRITEBYTECODE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /opt/talentfeed

# The page at / and the desk. Node comes from a package of Python's, as everywhere (web/npm.py).
FROM base AS page
COPY requirements.txt ./
RUN python -m venv .venv && .venv/bin/pip install --quiet --require-hashes -r requirements.txt
COPY web/package.json web/package-lock.json web/npm.py web/
COPY . .
RUN .venv/bin/python web/npm.py build

# What runs, with the extras that were asked for, and compiled: the server can write nothing here.
FROM base AS packages
ARG EXTRAS=""
COPY requirements*.txt ./
RUN python -m venv .venv \
    && for name in "" ${EXTRAS}; do \
         .venv/bin/pip install --quiet --require-hashes -r "requirements${name:+-$name}.txt" || exit 1; \
       done \
    && .venv/bin/python -m compileall -q .venv

FROM base
# Nobody logs in as this user, and nothing of the image is its own.
RUN useradd --system --uid 10001 --home-dir /var/lib/talentfeed --shell /usr/sbin/nologin talentfeed \
    && install -d -m 700 -o talentfeed -g talentfeed /var/lib/talentfeed
# Names of Debian's: catdoc and antiword read Word files of before 2007. Releases are those of the base image.
ARG PACKAGES=""
# hadolint ignore=DL3008
RUN if [ -n "${PACKAGES}" ]; then \
      apt-get update && apt-get install -y --no-install-recommends ${PACKAGES} && rm -rf /var/lib/apt/lists/*; \
    fi
COPY --from=packages /opt/talentfeed/.venv .venv
COPY . .
COPY --from=page /opt/talentfeed/web/dist web/dist
RUN .venv/bin/python -m compileall -q -x '/(.venv|web)/' .

USER 10001
# Loops of matching are compiled for the processor that they run on, so beside the first start and not here.
ENV PATH="/opt/talentfeed/.venv/bin:${PATH}" \
    ADDRESS=0.0.0.0 \
    PORT=8888 \
    DATA_DIR=/var/lib/talentfeed \
    NUMBA_CACHE_DIR=/var/lib/talentfeed/numba
# Secrets that were not set, snapshots of indexes, and the stores where no URLs are set.
VOLUME /var/lib/talentfeed
EXPOSE 8888
# A drain takes up to 15 s: give it 20 (`stop_grace_period`, `--stop-timeout`).
STOPSIGNAL SIGTERM
# Whether the loop goes round. Whether a proxy should send requests is /readyz.
HEALTHCHECK --interval=10s --timeout=15s --start-period=2m --retries=2 CMD ["python", "-m", "ops.is_alive"]
CMD ["python", "server.py"]
