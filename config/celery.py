"""The Celery application. Workers: celery -A config worker -Q sweep | -Q desk; beat: celery -A config beat.

Django loads it (config.apps), so that a task sent from a page goes to the right broker.
"""

from celery import Celery, signals

from config.start import load_settings

load_settings()

app = Celery("desk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_logging(**_options: object) -> None:
    """Leave logging as settings.LOGGING has it, with its filter for secrets; Celery would install its own."""
