"""python -m tests.chaos.desk load|people '{"seed": 1, …}': the parts of the harness that use the desk's own code.

They run in processes of their own with the desk's environment; the harness itself never loads Django.
"""

import json
import sys

import django


def main():
    """Run one part with the keyword arguments given as JSON and print what it returns."""
    part, given = sys.argv[1], json.loads(sys.argv[2])
    django.setup()
    from tests.chaos import load, people

    print({"load": load.load, "people": people.act}[part](**given))


if __name__ == "__main__":
    main()
