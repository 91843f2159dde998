# The image of the desk: web, worker, sweeper, beat and guard are the same image with other commands
# (docker-compose.yml). Every step is a command that `make check` and `python3 run.py` run as well.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /desk
RUN useradd --system --uid 10001 --home-dir /desk desk && install -d -o desk -m 0700 /data

COPY requirements.txt .
RUN pip install --require-hashes --only-binary=:all: -r requirements.txt

COPY . .
# Collecting asks no server and keeps no secret: these addresses lead nowhere.
RUN BASE_URL=https://desk.example.com SECRET_KEY=only-while-building-00000000000000000000000000000000 \
    DATABASE_URL=postgres://desk_app@127.0.0.1:1/desk REDIS_URL=redis://127.0.0.1:1/0 \
    python manage.py collectstatic --noinput --verbosity 0

USER desk
# Inside a container, loopback would be reached by nobody; which ports the host opens is said where it is started.
ENV DATA_DIR=/data BIND=0.0.0.0
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]
