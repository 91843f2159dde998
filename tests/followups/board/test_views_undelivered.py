"""What could not be delivered: the list of notices, and trying again."""

from datetime import timedelta

import pytest
from django.urls import reverse

from followups.models import Notice
from tests.cases import logged
from tests.followups.board.at_the_board import dead

pytestmark = pytest.mark.django_db
NOTICES = reverse("followups:notices")
HOUR = timedelta(hours=1)


def test_a_supervisor_tries_again(client, cast, now):
    notice = dead(logged(cast, now - HOUR))
    client.force_login(cast.supervisor)

    answer = client.post(reverse("followups:retry_notice", args=[notice.pk]))

    notice.refresh_from_db()
    assert answer.url == NOTICES
    assert notice.state == Notice.State.QUEUED


def test_trying_again_twice_says_so_and_changes_nothing(client, cast, now):
    notice = dead(logged(cast, now - HOUR))
    client.force_login(cast.supervisor)
    client.post(reverse("followups:retry_notice", args=[notice.pk]))

    answer = client.post(reverse("followups:retry_notice", args=[notice.pk]))

    assert answer.status_code == 409
    assert "not among those that failed" in answer.content.decode()


@pytest.mark.parametrize(("who", "status"), [("handler", 403), ("auditor", 403), ("administrator", 403)])
def test_others_do_not_try_again(client, cast, now, who, status):
    notice = dead(logged(cast, now - HOUR))
    client.force_login(getattr(cast, who))

    assert client.post(reverse("followups:retry_notice", args=[notice.pk])).status_code == status
    notice.refresh_from_db()
    assert notice.state == Notice.State.DEAD


def test_notices_about_invisible_cases_cannot_be_retried(client, cast, now):
    complaint = logged(cast, now, named_people=[cast.supervisor])
    notice = dead(complaint)
    client.force_login(cast.supervisor)

    assert client.post(reverse("followups:retry_notice", args=[notice.pk])).status_code == 404


def test_the_list_of_notices_pages_by_key(client, cast, now):
    complaint = logged(cast, now - HOUR)
    for _number in range(31):
        dead(complaint)
    client.force_login(cast.supervisor)

    page = client.get(NOTICES).context["page"]
    following = client.get(NOTICES, {"after": page.next}).context["page"]

    assert (len(page.rows), len(following.rows)) == (30, 1)
    assert "no longer fits" in client.get(NOTICES, {"after": "notice.x"}).content.decode()
