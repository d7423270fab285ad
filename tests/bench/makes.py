"""Histories of another make than `warehouse.py`'s, since one generator flatters.

    python tests/bench/makes.py MAKE HISTORY FILE

writes a history like the given one, but with amounts that are all different, long free texts, rows
in no order, a way of its own for each deal, or one deal of a million events more; or a log over and
over, each time under other ids.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

__all__ = ["MAKES", "write"]

MAKES = {
    "few amounts": """
        SELECT * REPLACE (
          CASE WHEN kind = 'field' AND name = 'amount'
            THEN CAST(hash(event_id) % 20 * 5000 AS VARCHAR) ELSE value END
          AS value)
        FROM given""",
    "amounts that are all different": """
        SELECT * REPLACE (
          CASE WHEN kind = 'field' AND name = 'amount'
            THEN (row_number() OVER () % 100000) || '.' || row_number() OVER () ELSE value END
          AS value)
        FROM given""",
    "long free texts": """
        SELECT * FROM given
        UNION ALL
        SELECT * REPLACE (
          'field' AS kind, 'note' AS name, event_id || '-note' AS event_id, '' AS attrs,
          repeat(md5(event_id) || ' ', 20) AS value)
        FROM given WHERE kind = 'activity'""",
    "rows in no order": "SELECT * FROM given ORDER BY hash(event_id)",
    "a way of its own for each deal": """
        SELECT given.* REPLACE (
          begun + to_hours(CAST(hash(event_id) % 4000 AS BIGINT)) AS happened_at,
          begun + to_hours(CAST(hash(event_id) % 4000 AS BIGINT)) AS recorded_at)
        FROM given JOIN (SELECT deal, min(happened_at) AS begun FROM given GROUP BY deal)
        USING (deal)""",
    "one deal of a million events more": """
        SELECT * FROM given
        UNION ALL
        SELECT 'D-long', begun + to_minutes(range), 'activity',
          CASE WHEN range % 3 = 0 THEN 'needs_interview' ELSE 'follow_up_call' END,
          CASE WHEN range % 2 = 0 THEN 'completed' ELSE 'reached' END,
          'rep-' || range % 7, begun + to_minutes(range), 'long-' || range, ''
        FROM range(1000000), (SELECT min(happened_at) AS begun FROM given)""",
    "the log over and over": """
        SELECT given.* REPLACE (
          given.deal || '-' || range AS deal, given.event_id || '-' || range AS event_id)
        FROM given, range(20) ORDER BY range""",
}
"""What is asked of DuckDB for each, as SQL over the table `given`."""


def write(make: str, history: Path, file: Path) -> None:
    """Writes a history of a make from another; both are CSV or Parquet by their names."""
    connection = duckdb.connect()
    read = (
        f"read_csv('{history}', all_varchar=true)" if history.suffix == ".csv" else f"'{history}'"
    )
    connection.execute(f"CREATE VIEW given AS FROM {read}")
    connection.execute(f"COPY ({MAKES[make]}) TO '{file}'")


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
