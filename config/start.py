"""The first step of every process: settings that are complete and right, or one sentence that says what is not."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def load_settings() -> None:
    """Load the settings; end the process with the reason (status 1) when the environment does not fit."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        settings.DEBUG  # noqa: B018 - reading any setting loads them all
    except ImproperlyConfigured as error:
        sys.exit(f"The desk cannot start: {error}")
