from django.urls import path

from followups.board import views as board, views_undelivered
from followups.delivery import views_receipts
from followups.escalation import views as escalations, views_deescalation, views_naming
from followups.notices import views_bell
from followups.page import views_copy
from followups.posters import views as posters
from followups.promises import views
from followups.telling import views as telling, views_calls, views_letters

app_name = "followups"

urlpatterns = [
    # What one was told
    path("notifications/", views_bell.notifications, name="notifications"),
    path("notifications/count/", views_bell.count, name="bell_count"),
    path("notifications/panel/", views_bell.panel, name="bell_panel"),
    path("notifications/seen/", views_bell.seen, name="bell_seen"),
    path("notifications/<int:pk>/open/", views_bell.open_case, name="open_notification"),
    path("notifications/<int:pk>/open-many/", views_bell.open_many, name="open_many_notifications"),
    # The supervisor's board
    path("board/", board.board, name="board"),
    path("board/wall/", board.wall, name="wall"),
    path("notices/", views_undelivered.notices, name="notices"),
    path("notices/<int:pk>/retry/", views_undelivered.retry, name="retry_notice"),
    # What became of text messages
    path("sms/receipts/<str:key>/", views_receipts.receipts, name="sms_receipts"),
    # Posters and cards of the sites
    path("posters/", posters.posters, name="posters"),
    path("posters/<int:pk>/", posters.run, name="poster_run"),
    path("posters/<int:pk>/pdf/", posters.pdf, name="poster_pdf"),
    # Calling customers back
    path("callbacks/", views_calls.callbacks, name="callbacks"),
    path("callbacks/<int:pk>/", views_calls.callback, name="callback"),
    path("callbacks/<int:pk>/outcome/", views_calls.outcome, name="callback_outcome"),
    # Telling customers what no message brings to them
    path("complaints/<str:reference>/tell/", telling.tell, name="tell"),
    path("complaints/<str:reference>/tell/not-reached/", telling.not_reached, name="tell_not_reached"),
    # Letters to customers whom no message and no call reaches
    path("letters/", views_letters.letters, name="letters"),
    path("letters/prepare/", views_letters.prepare, name="prepare_letters"),
    path("letters/pdf/", views_letters.pdf, name="letters_pdf"),
    path("letters/posted/", views_letters.posted, name="letters_posted"),
    # The customer's copy
    path("c/<str:token>/copy/", views_copy.about, name="public_copy"),
    path("c/<str:token>/copy.pdf", views_copy.pdf, name="public_copy_pdf"),
    # Promises
    path("complaints/<str:reference>/promises/", views.make, name="make_promise"),
    path("promises/<int:pk>/keep/", views.keep, name="keep_promise"),
    path("promises/<int:pk>/move/", views.move, name="move_promise"),
    path("promises/<int:pk>/withdraw/", views.withdraw, name="withdraw_promise"),
    # Escalations
    path("complaints/<str:reference>/escalate/", escalations.escalate, name="escalate"),
    path("escalations/<int:pk>/sign/", escalations.sign, name="sign"),
    path("complaints/<str:reference>/verifier/", views_naming.verifier, name="name_verifier"),
    path("escalations/<int:pk>/person/", views_deescalation.change_person, name="change_person"),
    path("escalations/<int:pk>/place/", views_deescalation.change_place, name="change_place"),
    path("escalations/<int:pk>/time/", views_deescalation.change_time, name="change_time"),
]
