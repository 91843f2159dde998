from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class DeskConfig(AppConfig):
    """Holds what belongs to no single room: system checks and project-wide commands."""

    name = "config"
    label = "desk"

    def ready(self):
        from config import (
            celery,  # noqa: F401 - makes ours the application of every @shared_task
            checks,  # noqa: F401 - registers the system checks
            django_words,
            planning,
        )

        django_words.say_it_our_way()
        planning.connect()


class DeskAdminConfig(AdminConfig):
    default_site = "config.admin_site.DeskAdminSite"
