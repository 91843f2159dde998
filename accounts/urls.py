from django.urls import path

from accounts.views import absences, preferences

app_name = "accounts"
urlpatterns = [
    path("preferences/", preferences.preferences, name="preferences"),
    path("preferences/absences/", absences.absences, name="absences"),
    path("preferences/absences/<int:pk>/end/", absences.end, name="end_absence"),
    path("absences/", absences.team_absences, name="team_absences"),
    path("absences/<int:pk>/", absences.person_absences, name="person_absences"),
    path("language/", preferences.set_language, name="set_language"),
]
