"""Tables for a terminal."""

from collections.abc import Sequence


def text_table(columns: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> str:
    """One line a row under a line of column names; `empty` when there is no row."""
    if not rows:
        return empty
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    lines = (zip(row, widths, strict=True) for row in (columns, *rows))
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in line).rstrip() for line in lines
    )
