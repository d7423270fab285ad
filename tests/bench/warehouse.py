"""Writes the history of a large company as Parquet: so many deals, about 13 events each, seeded.

    python tests/bench/warehouse.py DEALS FILE

The deals follow `warehouse-rules.yaml`, and skip its steps now and then. They lie in the order of
their events' instants, a hundred thousand deals at a time, as a log is exported.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

CHUNK = 100_000
PEOPLE = 400

# What happens to a deal: step, after how many hours at most since the step before, kind, name, how
# many of a thousand deals have it, and a list of values of which one is drawn.
_STEPS = """
(0, 0, 'stage', 'approach', 1000, ['']),
(1, 0, 'field', 'owner', 1000, ['actor']),
(2, 2, 'field', 'amount', 960, ['amount']),
(3, 2, 'field', 'industry', 960, ['building', 'transport', 'building', 'food']),
(4, 40, 'activity', 'first_call', 960, ['reached', 'reached', 'reached', 'reached']),
(5, 40, 'field', 'decider', 930, ['Ms Roux', 'Mr Stein']),
(6, 200, 'stage', 'assess', 960, ['']),
(7, 120, 'activity', 'needs_interview', 950, ['completed', 'completed', 'completed', 'no show']),
(8, 30, 'field', 'budget', 950, ['true', 'yes', 'true', 'true', 'true', 'true', 'true', 'no']),
(9, 200, 'activity', 'site_visit', 800, ['']),
(10, 100, 'stage', 'design', 800, ['']),
(11, 100, 'activity', 'demo', 650, ['']),
(12, 100, 'activity', 'demo', 600, ['']),
(13, 60, 'stage', 'proposal', 850, ['']),
(14, 24, 'activity', 'proposal_sent', 800, ['']),
(15, 160, 'activity', 'follow_up_call', 760, ['reached', 'voicemail']),
(17, 20, 'waiver', 'proposal/*', 10, ['the client is known']),
(18, 200, 'field', 'lost_reason', 450, ['price', 'timing', 'competitor']),
(19, 10, 'stage', 'end', 960, ['lost', 'won'])
"""

_EVENTS = f"""
WITH deals AS (
  SELECT range AS id, range * 7919 % 26280 AS start FROM range(?, ?)
), drawn AS (
  SELECT id, start, step, kind, name, often, choices, hours,
    (id * 48271 + step * 16807 + id * step * 69621) % 2147483647 AS dice
  FROM deals, (VALUES {_STEPS}) AS steps(step, hours, kind, name, often, choices)
), timed AS (
  SELECT *, dice % 100003 AS other, epoch_us(TIMESTAMP '2023-01-02 08:00:00')
    + 3600000000 * (start
      + CAST(sum(dice // 1009 % (hours + 1)) OVER (PARTITION BY id ORDER BY step) AS BIGINT))
    AS moment
  FROM drawn
), happened AS (
  SELECT *, choices[1 + other % len(choices)] AS choice, 'rep-' || (id * 31 + step // 9) % {PEOPLE}
    AS actor
  FROM timed WHERE dice % 1000 < often
)
SELECT
  'D-' || id AS deal,
  make_timestamp(moment) AS happened_at,
  kind,
  CASE WHEN name = 'end' THEN choice ELSE name END AS name,
  CASE WHEN name = 'end' THEN '' WHEN choice = 'actor' THEN actor
    WHEN choice = 'amount' THEN CAST(1000 + other * 7 % 200000 AS VARCHAR) ELSE choice END AS value,
  CASE WHEN kind = 'waiver' THEN 'boss-' || id % 8 ELSE actor END AS actor,
  make_timestamp(moment + CASE WHEN other % 50 = 0 THEN 259200000000 ELSE 60000000 END)
    AS recorded_at,
  'e' || id || '-' || step AS event_id,
  CASE WHEN name = 'needs_interview' AND other % 10 > 0 THEN '{{"with":["decider"]}}'
    WHEN name = 'follow_up_call' THEN '{{"channel":"' || ['phone', 'mail'][1 + other % 2] || '"}}'
    ELSE '' END AS attrs
FROM happened ORDER BY moment, id, step
"""  # noqa: S608  (our own words)


def write(file: Path, deals: int) -> None:
    """Write the history of so many deals."""
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = true")
    folder = file.with_suffix(".parts")
    folder.mkdir()
    parts = []
    for start in range(0, deals, CHUNK):
        part = folder / f"{start:012}.parquet"
        query = _EVENTS.replace("?", str(start), 1).replace("?", str(min(start + CHUNK, deals)), 1)
        connection.execute(f"COPY ({query}) TO '{part}' (COMPRESSION zstd)")
        parts.append(part)
    whole = f"FROM read_parquet('{folder}/*.parquet')"
    connection.execute(f"COPY ({whole}) TO '{file}' (COMPRESSION zstd)")
    for part in parts:
        part.unlink()
    folder.rmdir()


if __name__ == "__main__":
    write(Path(sys.argv[2]), int(sys.argv[1]))
