"""Settings, Celery, addresses and checks of the desk; importing this package loads nothing."""
