"""What the database holds, to tell whether anything was changed."""

from django.apps import apps


def everything() -> dict[str, list[dict]]:
    """Every row of every table, by model."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in apps.get_models()}
