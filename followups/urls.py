from django.urls import path

from followups.views import board, calls, escalations, notices, promises

app_name = "followups"

urlpatterns = [
    # The supervisor's board
    path("board/", board.board, name="board"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<int:pk>/retry/", notices.retry, name="retry_notice"),
    # Calling customers back
    path("callbacks/", calls.callbacks, name="callbacks"),
    path("callbacks/<int:pk>/", calls.callback, name="callback"),
    path("callbacks/<int:pk>/outcome/", calls.outcome, name="callback_outcome"),
    # Promises
    path("complaints/<str:reference>/promises/", promises.make, name="make_promise"),
    path("promises/<int:pk>/keep/", promises.keep, name="keep_promise"),
    path("promises/<int:pk>/move/", promises.move, name="move_promise"),
    path("promises/<int:pk>/withdraw/", promises.withdraw, name="withdraw_promise"),
    # Escalations
    path("complaints/<str:reference>/escalate/", escalations.escalate, name="escalate"),
    path("escalations/<int:pk>/sign/", escalations.sign, name="sign"),
]
