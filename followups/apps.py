from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class FollowupsConfig(AppConfig):
    name = "followups"
    verbose_name = _("Promises and follow-ups")

    def ready(self):
        from followups import registrations

        registrations.register()
        checks.register(every_notice_says_something)


def every_notice_says_something(app_configs, **kwargs) -> list[checks.Error]:
    """System check: each kind of notice has words, for people under the bell or for customers."""
    from followups.notices import kinds

    return [
        checks.Error(
            f"A notice of the kind {event!r} says nothing.",
            hint="Give it words where its kind is registered (followups/registrations.py).",
            id="followups.E001",
        )
        for event in kinds.speechless()
    ]
