from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FollowupsConfig(AppConfig):
    name = "followups"
    verbose_name = _("Promises and follow-ups")

    def ready(self):
        from followups import gates, receivers, worklists

        receivers.connect()
        gates.register()
        worklists.register()
