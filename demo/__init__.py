"""An invented organisation to try the desk with: teams, people, and sixty complaints played through the real verbs.

What is said is in the YAML files beside this one; how a story is written is described in `stories`.
"""
