from django.urls import path  # noqa: F401 - patterns follow

app_name = "complaints"

urlpatterns = []
