from django.urls import path
from django.views.generic import RedirectView

from complaints.customer import (
    views as public,
    views_appeal,
    views_decide,
    views_files,
    views_find,
    views_representatives,
)
from complaints.evidence import views
from complaints.intake import views as log
from complaints.queue import views as queue, views_bulk, views_bulk_line, views_palette, views_saved_views
from complaints.webform import views as webform, views_files as views_form_files, views_thanks
from complaints.workspace import (
    views as case,
    views_appeals,
    views_facts,
    views_link,
    views_options,
    views_presence,
    views_printed,
    views_steps,
    views_talk,
)

app_name = "complaints"

urlpatterns = [
    # The queue, and logging a complaint
    path("", RedirectView.as_view(pattern_name="complaints:queue"), name="home"),
    path("queue/", queue.queue, name="queue"),
    path("queue/views/", views_saved_views.save_view, name="save_view"),
    path("queue/views/<int:pk>/", views_saved_views.saved_view, name="saved_view"),
    path("queue/views/<int:pk>/replace/", views_saved_views.replace_view, name="replace_view"),
    path("queue/views/<int:pk>/delete/", views_saved_views.delete_view, name="delete_view"),
    path("palette/", views_palette.palette, name="palette"),
    path("complaints/new/", log.log, name="log"),
    path("complaints/new/customer/", log.log_customer, name="log_customer"),
    path("complaints/new/known/", log.log_known, name="log_known"),
    path("complaints/new/same/<str:reference>/", log.log_same, name="log_same"),
    # One thing done to many
    path("bulk/", views_bulk.runs, name="bulk"),
    path("bulk/line/", views_bulk_line.line, name="bulk_line"),
    path("bulk/<int:pk>/", views_bulk.run, name="bulk_run"),
    # The complaint page
    path("complaints/<str:reference>/", case.case, name="case"),
    path("complaints/<str:reference>/history/", case.history, name="history"),
    path("complaints/<str:reference>/print/", views_printed.printed, name="print"),
    path("complaints/<str:reference>/step/<slug:action>/", views_steps.step, name="step"),
    path("complaints/<str:reference>/save/<slug:action>/", views_steps.save_step, name="save_step"),
    path("complaints/<str:reference>/link/", views_link.issue, name="issue_link"),
    path("complaints/<str:reference>/appeal/", views_appeals.take, name="take_appeal"),
    path("complaints/<str:reference>/appeal/review/", views_appeals.review, name="review_appeal"),
    path("complaints/<str:reference>/appeal/decide/", views_appeals.decide, name="decide_appeal"),
    path("complaints/<str:reference>/facts/", views_facts.correct, name="facts"),
    path("complaints/<str:reference>/severity/", views_steps.severity, name="severity"),
    path("complaints/<str:reference>/propose-invalid/", views_steps.propose_invalid, name="propose_invalid"),
    path("complaints/<str:reference>/say/", views_talk.say, name="say"),
    path("complaints/<str:reference>/replies/<int:pk>/undo/", views_talk.undo, name="undo_reply"),
    path("complaints/<str:reference>/presence/", views_presence.presence, name="presence"),
    path("complaints/<str:reference>/options/", views_options.offer, name="offer"),
    path("options/<int:pk>/decide/", views_options.decide_option, name="decide_option"),
    path("options/<int:pk>/choose/", views_options.choose_option, name="choose_option"),
    path("options/<int:pk>/withdraw/", views_options.withdraw_option, name="withdraw_option"),
    # Evidence
    path("complaints/<str:reference>/evidence/", views.add_evidence, name="add_evidence"),
    path("evidence/<int:pk>/", views.original, name="evidence"),
    path("evidence/<int:pk>/preview/", views.preview, name="evidence_preview"),
    # What customers open from a poster
    path("new/", webform.new, name="public_new"),
    path("new/files/", views_form_files.files, name="public_files"),
    path("new/<str:code>/", webform.new, name="public_new_site"),
    path("c/<str:token>/thanks/", views_thanks.thanks, name="public_thanks"),
    path("c/<str:token>/qr.png", views_thanks.picture, name="public_qr"),
    # The customer's page
    path("c/", views_find.find, name="public_find"),
    path("c/sent/", views_find.sent, name="public_sent"),
    path("c/<str:token>/", public.status, name="public_status"),
    path("c/<str:token>/reply/", public.reply, name="public_reply"),
    path("c/<str:token>/confirm/", public.confirm, name="public_confirm"),
    path("c/<str:token>/choose/", public.choose, name="public_choose"),
    path("c/<str:token>/rate/", public.rate, name="public_rate"),
    path("c/<str:token>/reopen/", public.reopen, name="public_reopen"),
    path("c/<str:token>/decide/<slug:what>/", views_decide.decide, name="public_decide"),
    path("c/<str:token>/others/", views_representatives.representatives, name="public_representatives"),
    path("c/<str:token>/others/<int:pk>/end/", views_representatives.end, name="public_end_representative"),
    path("c/<str:token>/appeal/", views_appeal.appeal, name="public_appeal"),
    path("c/<str:token>/done/<slug:what>/", public.done, name="public_done"),
    path("c/files/<str:leave>/<int:pk>/", views_files.original, name="public_evidence"),
    path("c/files/<str:leave>/<int:pk>/preview/", views_files.preview, name="public_preview"),
]
