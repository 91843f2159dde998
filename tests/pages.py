"""The pages of one complaint as one person uses them."""

from django.test import Client
from django.urls import reverse

from complaints.models import Complaint
from tests.cases import resolution_data


class Desk:
    """One person at the pages of one complaint."""

    def __init__(self, somebody, complaint):
        self.client = Client()
        self.client.force_login(somebody)
        self.reference = complaint.reference
        self.pk = complaint.pk

    def get(self, name, *args):
        return self.client.get(reverse(f"complaints:{name}", args=[self.reference, *args]))

    def post(self, name, *args, **typed):
        typed.setdefault("version", Complaint.objects.values_list("version", flat=True).get(pk=self.pk))
        return self.client.post(reverse(f"complaints:{name}", args=[self.reference, *args]), typed)

    @property
    def complaint(self):
        return Complaint.objects.get(pk=self.pk)


VERIFIED = {
    "identity_confirmed": "on",
    "occurred_at": "2026-11-17T18:40",
    "place": "Pump 4",
    "evidence_asked": "on",
    "tried_already": "Asked the shift leader twice",
    "desired_outcome": "Pay back what was too much",
    "restatement": "Pump 4 showed 52.3 L.\nNo receipt was printed.",
    "confirmed_how": "phone",
}


def typed_resolution(cast, **more):
    return resolution_data(cast) | {"cause": cast.drift.pk} | more
