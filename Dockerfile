# The program in a container: small, not root, with an init and a health check. It holds no secret and no data.
FROM python:3.11-slim AS build
COPY requirements.lock .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --quiet --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.11-slim
RUN apt-get -qq update \
    && apt-get -qq install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin buurtstem \
    # Volumes: the keys never lie inside the data, and nobody else may read either.
    && install --directory --mode 0700 --owner buurtstem --group buurtstem /srv/data /srv/keys /srv/backup
WORKDIR /srv/app
COPY --from=build /opt/venv /opt/venv
COPY . .
# Copied with the modes of the checkout, which may be for its owner alone.
RUN chmod -R a+rX .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BUURTSTEM_DATA_DIR=/srv/data \
    BUURTSTEM_KEYS_DIR=/srv/keys \
    BUURTSTEM_HTTP_HOST=0.0.0.0 \
    BUURTSTEM_HEALTH_PORT=8090
VOLUME ["/srv/data", "/srv/keys"]
USER buurtstem
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as r; port = os.environ.get('BUURTSTEM_HEALTH_PORT') or 8090; r.urlopen(f'http://127.0.0.1:{port}/healthz', timeout=4)"]
ENTRYPOINT ["tini", "--", "python", "-m", "bot"]
CMD ["run"]
