"""An invented organisation to try the desk with: teams, people, and 61 complaints played through the real verbs.

What is said is in the YAML files beside this one; how a story is written is described in `stories`.
"""
