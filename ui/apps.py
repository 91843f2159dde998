from django.apps import AppConfig


class UiConfig(AppConfig):
    """What every page is made of. No models; an app because its template tags are looked for in apps."""

    name = "ui"
