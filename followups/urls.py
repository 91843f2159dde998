from django.urls import path

from followups.views import bell, board, calls, deescalation, escalations, notices, promises

app_name = "followups"

urlpatterns = [
    # What one was told
    path("notifications/", bell.notifications, name="notifications"),
    path("notifications/count/", bell.count, name="bell_count"),
    path("notifications/panel/", bell.panel, name="bell_panel"),
    path("notifications/seen/", bell.seen, name="bell_seen"),
    path("notifications/<int:pk>/open/", bell.open_case, name="open_notification"),
    path("notifications/<int:pk>/open-many/", bell.open_many, name="open_many_notifications"),
    # The supervisor's board
    path("board/", board.board, name="board"),
    path("board/wall/", board.wall, name="wall"),
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
    path("escalations/<int:pk>/person/", deescalation.change_person, name="change_person"),
    path("escalations/<int:pk>/place/", deescalation.change_place, name="change_place"),
    path("escalations/<int:pk>/time/", deescalation.change_time, name="change_time"),
]
