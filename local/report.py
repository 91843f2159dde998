"""What the person at the terminal reads while the desk starts, runs and stops."""

import time

STARTED = time.monotonic()


def say(text: str) -> None:
    """Print one line with the seconds since the start in front."""
    print(f"[{time.monotonic() - STARTED:5.1f} s] {text}", flush=True)
