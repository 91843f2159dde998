"""Bringing complaints in from files: read a row, map it, load it through the intake."""
