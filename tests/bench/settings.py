"""The desk's own settings, and one address more: the minimal view beside which pages are measured."""

from config.settings import *  # noqa: F403 - the same settings

ROOT_URLCONF = "tests.bench.urls"
