"""The page that a poster leads to."""

import pytest
from django.urls import reverse

from accounts.models import Team

pytestmark = pytest.mark.django_db


def page_of(site: Team) -> str:
    return reverse("complaints:public_new_site", args=[site.site_code])


def test_a_poster_leads_to_its_site_and_says_whom_to_call(visitor, cast):
    html = visitor.get(page_of(cast.hexi)).content.decode()
    assert "Hexi Road station" in html
    assert "400-000-0123" in html


def test_a_closed_site_and_an_unknown_code_lead_to_the_general_form(visitor, cast):
    Team.objects.filter(pk=cast.hexi.pk).update(active=False)
    for address in (page_of(cast.hexi), reverse("complaints:public_new_site", args=["22222222"])):
        answer = visitor.get(address)
        assert answer.status_code == 404
        assert reverse("complaints:public_new") in answer.content.decode()
    assert visitor.get(reverse("complaints:public_new")).status_code == 200
