ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /src
ENV PIP_CONSTRAINT=constraints.txt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY config ./config
COPY alertd ./alertd
# The state folder is made here: the last stage runs nothing, so any base with this Python will do.
RUN python -m venv /opt/alertd \
    && /opt/alertd/bin/pip install '.[apprise,charts]' \
    && install -d -m 0700 /state/alertd

FROM ${BASE}
COPY --from=build /opt/alertd /opt/alertd
COPY --from=build --chown=10001:10001 /state/alertd /var/lib/alertd
# Mount your own over it; as it is, it writes alerts for BABA to the console.
COPY config/alertd.toml /etc/alertd/alertd.toml
# The root may be read-only: all that is written goes to the volume.
ENV PATH=/opt/alertd/bin:$PATH \
    HOME=/var/lib/alertd \
    STATE_DIRECTORY=/var/lib/alertd \
    CACHE_DIRECTORY=/var/lib/alertd/cache \
    MPLCONFIGDIR=/var/lib/alertd/cache/matplotlib \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /var/lib/alertd
VOLUME /var/lib/alertd
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s --retries=3 CMD ["alertd", "health"]
ENTRYPOINT ["alertd"]
CMD ["run"]
