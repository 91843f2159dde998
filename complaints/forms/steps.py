"""Which form belongs to which action of the lifecycle."""

from complaints.forms.assign import AssignForm, ReassignForm
from complaints.forms.closing import ArchiveForm, CloseEarlyForm, FeedbackForm, ReopenForm, ReworkForm
from complaints.forms.resolve import ResolveForm
from complaints.forms.step import StepForm
from complaints.forms.verify import VerifyForm


class TakeForm(StepForm):
    """Nothing to fill in: a handler takes it out of the queue."""

    action = "take"


FORMS: dict[str, type[StepForm]] = {
    form.action: form
    for form in [
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
}
