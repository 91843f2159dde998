"""The first step of a process that shares the work. Imports no models: nothing is set up yet when it is read."""

import django


def set_up(database: str):
    """Make a fresh process ready to work on `database`, which need not be the one that the settings name."""
    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = database
