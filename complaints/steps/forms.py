"""Which form belongs to which action of the lifecycle."""

from complaints.steps.forms_assignment import AssignForm, ReassignForm
from complaints.steps.forms_closing import ArchiveForm, CloseEarlyForm, FeedbackForm, ReopenForm, ReworkForm
from complaints.steps.forms_resolution import ResolveForm
from complaints.steps.forms_shared import StepForm
from complaints.steps.forms_verification import VerifyForm


class TakeForm(StepForm):
    """Nothing to fill in: a handler takes it out of the queue."""

    action = "take"


_ALL: list[type[StepForm]] = [
    VerifyForm,
    AssignForm,
    TakeForm,
    ReassignForm,
    ResolveForm,
    FeedbackForm,
    ReworkForm,
    ArchiveForm,
    CloseEarlyForm,
    ReopenForm,
]
FORMS = {form.action: form for form in _ALL}
