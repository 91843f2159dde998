"""The web server's settings, everywhere the same: gunicorn -c python:config.gunicorn config.wsgi

Environment: BIND (127.0.0.1), PORT (8000), WEB_CONCURRENCY (worker processes, 2), WEB_THREADS (threads in each, 4).
"""

import gc
import os
from pathlib import Path

from django.conf import settings

from config.env import socket_address
from config.logs import LOG_LINE
from config.start import load_settings

# In the master, so that a wrong environment ends it instead of every worker it starts.
load_settings()

bind = socket_address(settings.BIND, int(os.environ.get("PORT") or 8000))
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = int(os.environ.get("WEB_THREADS") or 4)
# The desk is imported once, by the master: workers are forked from it, at a start and whenever one is replaced.
preload_app = True
timeout = 60
graceful_timeout = 10
keepalive = 5
# The most that gunicorn allows: a long search gets our answer, not gunicorn's.
limit_request_line = 8190
# Recycled now and then, so that a slow leak never grows into an outage.
max_requests, max_requests_jitter = 20_000, 2_000
# A worker's sign of life is a file: on a busy disk its renewal could be late, in memory it is not.
MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes an unnamed file in it
worker_tmp_dir = str(MEMORY) if MEMORY.is_dir() else None
control_socket_disable = True
# No access log: its lines would hold customers' links. Errors pass the same filter as the application's log.
accesslog = None
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"secrets": {"()": "config.logs.HideSecrets"}},
    "formatters": {"line": LOG_LINE},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secrets"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "gunicorn.error": {"level": "WARNING", "handlers": ["stderr"], "propagate": False},
        "gunicorn.access": {"level": "WARNING", "handlers": ["stderr"], "propagate": False},
    },
}


# Python looks for garbage in circles after 700 new objects; a page makes tens of thousands, and hardly any circles.
# Looking every few pages instead takes seven to nine per cent off each.
GARBAGE_AFTER = (50_000, 20, 10)


def post_worker_init(worker):
    """Leave what is loaded once out of every later search for garbage, which are few: it stays with the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_AFTER)
