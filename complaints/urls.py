from django.urls import path
from django.views.generic import RedirectView

from complaints.views import (
    bulk,
    bulk_line,
    case,
    evidence_files,
    find,
    log,
    palette,
    presence,
    printed,
    public,
    queue,
    saved_views,
    solutions,
    steps,
    talk,
)

app_name = "complaints"

urlpatterns = [
    # The queue, and logging a complaint
    path("", RedirectView.as_view(pattern_name="complaints:queue"), name="home"),
    path("queue/", queue.queue, name="queue"),
    path("queue/views/", saved_views.save_view, name="save_view"),
    path("queue/views/<int:pk>/", saved_views.saved_view, name="saved_view"),
    path("queue/views/<int:pk>/replace/", saved_views.replace_view, name="replace_view"),
    path("queue/views/<int:pk>/delete/", saved_views.delete_view, name="delete_view"),
    path("palette/", palette.palette, name="palette"),
    path("complaints/new/", log.log, name="log"),
    path("complaints/new/customer/", log.log_customer, name="log_customer"),
    path("complaints/new/known/", log.log_known, name="log_known"),
    path("complaints/new/same/<str:reference>/", log.log_same, name="log_same"),
    # One thing done to many
    path("bulk/", bulk.runs, name="bulk"),
    path("bulk/line/", bulk_line.line, name="bulk_line"),
    path("bulk/<int:pk>/", bulk.run, name="bulk_run"),
    # The complaint page
    path("complaints/<str:reference>/", case.case, name="case"),
    path("complaints/<str:reference>/history/", case.history, name="history"),
    path("complaints/<str:reference>/print/", printed.printed, name="print"),
    path("complaints/<str:reference>/step/<slug:action>/", steps.step, name="step"),
    path("complaints/<str:reference>/save/<slug:action>/", steps.save_step, name="save_step"),
    path("complaints/<str:reference>/severity/", steps.severity, name="severity"),
    path("complaints/<str:reference>/propose-invalid/", steps.propose_invalid, name="propose_invalid"),
    path("complaints/<str:reference>/say/", talk.say, name="say"),
    path("complaints/<str:reference>/replies/<int:pk>/undo/", talk.undo, name="undo_reply"),
    path("complaints/<str:reference>/presence/", presence.presence, name="presence"),
    path("complaints/<str:reference>/options/", solutions.offer, name="offer"),
    path("options/<int:pk>/decide/", solutions.decide_option, name="decide_option"),
    path("options/<int:pk>/choose/", solutions.choose_option, name="choose_option"),
    path("options/<int:pk>/withdraw/", solutions.withdraw_option, name="withdraw_option"),
    # Evidence
    path("complaints/<str:reference>/evidence/", evidence_files.add_evidence, name="add_evidence"),
    path("evidence/<int:pk>/", evidence_files.original, name="evidence"),
    path("evidence/<int:pk>/preview/", evidence_files.preview, name="evidence_preview"),
    # The customer's page
    path("c/", find.find, name="public_find"),
    path("c/<str:token>/", public.status, name="public_status"),
    path("c/<str:token>/reply/", public.reply, name="public_reply"),
    path("c/<str:token>/confirm/", public.confirm, name="public_confirm"),
    path("c/<str:token>/choose/", public.choose, name="public_choose"),
    path("c/<str:token>/rate/", public.rate, name="public_rate"),
    path("c/<str:token>/reopen/", public.reopen, name="public_reopen"),
    path("c/<str:token>/done/<slug:what>/", public.done, name="public_done"),
    path("c/<str:token>/evidence/<int:pk>/", public.original, name="public_evidence"),
    path("c/<str:token>/evidence/<int:pk>/preview/", public.preview, name="public_preview"),
]
