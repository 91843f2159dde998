"""How much an import takes from one file: more is a mistake or an attack, and both are told where it is.

A plain CSV file may have any size: it is on the disk already, and is read row by row.
"""

# A packed file can hold a thousand times of what it weighs.
MOST_UNPACKED = 512 * 1024**2
# Characters of one cell or line of a CSV file: what a quotation mark swallows that is never closed.
MOST_IN_CELL = 16 * 1024**2
# What a sheet can have: Excel's own limits.
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
# What the XML of a sheet may have in one row, and of a workbook beside its rows; all of it is held in memory.
MOST_IN_ROW, MOST_BESIDE_ROWS = 8 * MOST_COLUMNS, 4_000_000
MOST_PARTS = 10_000


def megabytes(size: int) -> str:
    return f"{size // 1024**2} MB"
