#!/usr/bin/env python
"""Django's command line for the complaint desk."""

import sys


def main():
    from config.start import load_settings

    load_settings()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
