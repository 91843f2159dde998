from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "complaints"
    verbose_name = _("Complaints")

    def ready(self):
        from complaints.case import payload_registry, payloads, timeline
        from complaints.search import index

        payload_registry.register_payloads(payloads.PAYLOADS)
        timeline.register_sentences(timeline.SENTENCES, timeline.REMARKS_OF)
        index.connect()
        checks.register(every_event_can_be_told)


def every_event_can_be_told(app_configs, **kwargs) -> list[checks.Error]:
    """System check: each kind of event has its sentence and its data."""
    from complaints.case import payload_registry, timeline

    without_sentence = [
        checks.Error(
            f"The history has no sentence for the event {kind.value!r}.",
            hint="Add one to SENTENCES in complaints/case/timeline.py, or in followups/sentences.py.",
            id="complaints.E001",
        )
        for kind in timeline.unspoken()
    ]
    return without_sentence + [
        checks.Error(
            f"No data is declared for the event {kind.value!r}.",
            hint="Add its data to PAYLOADS in complaints/case/payloads.py, or in followups/payloads.py.",
            id="complaints.E002",
        )
        for kind in payload_registry.unregistered()
    ]
