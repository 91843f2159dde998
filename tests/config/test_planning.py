import pytest
from django.db import connection

from config.planning import COST_OF_A_PAGE_ELSEWHERE, JOINS_TRIED, WORK_MEMORY


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("join_collapse_limit", str(JOINS_TRIED)),
        ("jit", "off"),
        ("work_mem", WORK_MEMORY),
        ("random_page_cost", str(COST_OF_A_PAGE_ELSEWHERE)),
        ("max_parallel_workers_per_gather", "0"),
    ],
)
def test_every_connection_is_told_how_to_plan(db, setting, value):
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {setting}")
        assert cursor.fetchone() == (value,)
