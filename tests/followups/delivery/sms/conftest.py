import pytest
from django.conf import LazySettings

from followups import clock
from followups.models import Notice, SmsTemplate
from tests.cases import logged
from tests.followups.sms_sink import SmsSink

REGISTERED = "Your complaint ${reference}, ${who}: https://desk.example.com/c/${code}/"


@pytest.fixture(params=["json", "aliyun", "tencent"])
def sink(request, settings: LazySettings, db):
    """A provider of each kind, its texts registered where it asks for that."""
    with SmsSink(request.param) as sink:
        settings.SMS, settings.SMS_QUIET_HOURS = sink.account, None
        if request.param != "json":
            SmsTemplate.objects.create(
                event="customer_acknowledged", language="en", template_id="SMS_7", text=REGISTERED
            )
        yield sink


@pytest.fixture
def notice(cast, now, sink) -> Notice:
    """The acknowledgement to a customer with a phone and no e-mail; nothing else waits."""
    complaint = logged(cast, now, email="")
    Notice.objects.filter(complaint=complaint, to_customer=False).delete()
    Notice.objects.filter(complaint=complaint).update(not_before=clock.now())
    return Notice.objects.get(complaint=complaint)
