"""Mails to customers as a phone shows them: 360 px wide, light and dark, with the longest words that people type."""

import json
import subprocess
import sys

import pytest
from django.conf import settings

from complaints.models import Customer
from followups import clock
from followups.notices import mails
from tests.conftest import CHROMIUM
from tests.followups.notices.causes import CAUSES, MAIL, caused, notice_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LONG = "https://desk.example/" + "path" * 40


def test_every_mail_fits_a_phone_and_can_be_read_in_the_dark(cast, now, tmp_path):
    for language in ("en", "zh-hans"):
        for event in sorted(CAUSES):
            complaint = caused(event, MAIL, cast, now, language=language, desired_outcome=LONG)
            Customer.objects.filter(pk=complaint.customer_id).update(name="W" * 60)
            html = mails.words_of(notice_of(complaint, event), clock.now()).html
            (tmp_path / f"{event} {language}.html").write_text(html, encoding="utf-8")
    # read_mails says why it is not done here.
    command = [sys.executable, "-m", "tests.e2e.read_mails", str(CHROMIUM), str(tmp_path)]
    answer = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == []
