"""The form of a new complaint as a browser sends it, and what its answer refuses."""

import io
import uuid

from PIL import Image

from complaints.models import Complaint, Customer
from tests.cases import NARRATIVE

LOG = "/complaints/new/"


def typed(cast, **given) -> dict:
    """What a browser sends when the form is filled in as far as it must be."""
    fields = {
        "narrative": NARRATIVE,
        "channel": "walk_in",
        "site": str(cast.hexi.pk),
        "phone": "139 0000 4417",
        "language": "zh-hans",
        "submission_key": str(uuid.uuid4()),
    } | given
    return {name: value for name, value in fields.items() if value is not None}


def sent(client, cast, person=None, **given):
    """The answer to a form filled in and changed like this, of the frontline or of somebody else."""
    client.force_login(person or cast.frontline)
    return client.post(LOG, typed(cast, **given))


def photo(name="pump.jpg", colour="red") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(file, "JPEG")
    file.seek(0)
    file.name = name
    return file


def refusals(response) -> dict[str, list[str]]:
    """The refusals of a page by field; nothing may have been logged."""
    assert response.status_code == 422
    assert not Complaint.objects.exists()
    assert not Customer.objects.exists()
    return {name: list(texts) for name, texts in response.context["form"].errors.items()}
