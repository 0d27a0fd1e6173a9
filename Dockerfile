# One image for web, worker, beat, migrations and the sandbox; docker-compose.yml says which command each runs.
ARG PYTHON_IMAGE=python:3.11.13-slim-bookworm
FROM ${PYTHON_IMAGE}

# WeasyPrint lays text out with Pango and subsets fonts with HarfBuzz; without the fonts, Chinese comes out
# blank and a name with a rare character is refused (applications/documents/fonts.py).
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-arphic-gbsn00lp fonts-arphic-uming fonts-wqy-microhei fonts-hanazono fonts-babelstone-han \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /srv/portal --shell /usr/sbin/nologin portal \
 && install -d -o portal -g portal -m 700 /srv/data

WORKDIR /srv/portal
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DATA_DIR=/srv/data STATIC_ROOT=/srv/static

COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

COPY . ./
# The root is read-only where it runs, so the bytecode is made here, or every start would make it anew.
RUN python -m compileall -q .
RUN pybabel --quiet compile --domain django --directory locale
# Collecting needs settings but no data; the secrets that the embedded mode makes are not left in the image.
RUN DATA_DIR=/tmp/collect python manage.py collectstatic --noinput --verbosity 0 && rm -rf /tmp/collect

USER portal
EXPOSE 8000
# Loaded before it listens: a request never waits for a portal that is still starting.
CMD ["gunicorn", "credit_repair.wsgi", "--preload", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-", \
     "--logger-class", "credit_repair.access_log.GunicornLogger"]
