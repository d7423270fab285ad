"""The tables of a ledger: its log, and those that answer questions and are made from it."""

from __future__ import annotations

from typing import Any, Protocol

from playgate.ledger.connection import Connection

__all__ = [
    "APPLICATION_ID",
    "BESIDE",
    "DERIVED",
    "HOOKS",
    "LOG",
    "LOGGED",
    "SCHEMA",
    "STATEMENTS",
    "STAYING",
    "TOKENS",
    "VERSION",
    "WAIVER_REQUESTS",
    "have_hooks",
    "is_ours",
    "make",
    "names",
]

APPLICATION_ID = 0x70676C31
"""The bytes `pgl1`, by which SQLite's own header marks a ledger."""
VERSION = 10
"""Of these tables, as `PRAGMA user_version` has it; each step that led here is a migration."""
LOGGED = 6
"""The first version that has a log."""

LOG = """
CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    at INTEGER,
    open TEXT,
    deal TEXT,
    who TEXT,
    text TEXT,
    salts BLOB NOT NULL,
    kept BLOB,
    hash BLOB NOT NULL
)
"""
TOKENS = """
CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    hash TEXT NOT NULL,
    scopes TEXT NOT NULL,
    expires_at INTEGER,
    actor TEXT NOT NULL,
    told_by TEXT NOT NULL,
    name TEXT NOT NULL,
    revoked_at INTEGER,
    revoked_by TEXT NOT NULL DEFAULT ''
)
"""
STATEMENTS = """
CREATE TABLE statements (
    id INTEGER PRIMARY KEY,
    kept_at INTEGER NOT NULL,
    playbook TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    plan_sha256 TEXT NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    as_of INTEGER NOT NULL,
    currency TEXT NOT NULL,
    rep TEXT NOT NULL,
    kept_by TEXT NOT NULL
);
CREATE INDEX statements_of_rep ON statements (playbook, rep);
CREATE TABLE statement_lines (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    statement INTEGER NOT NULL REFERENCES statements (id),
    kind TEXT NOT NULL,
    part TEXT NOT NULL,
    corrects INTEGER NOT NULL,
    amount TEXT NOT NULL,
    withheld TEXT NOT NULL,
    place TEXT NOT NULL,
    deal TEXT NOT NULL,
    event_id TEXT NOT NULL,
    said TEXT NOT NULL,
    rules TEXT NOT NULL
);
CREATE INDEX statement_lines_of ON statement_lines (statement)
"""
WAIVER_REQUESTS = """
CREATE TABLE waiver_requests (
    id INTEGER PRIMARY KEY,
    deal TEXT NOT NULL REFERENCES deals (deal),
    rule TEXT NOT NULL,
    reason TEXT NOT NULL,
    expires TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT '',
    answered_at INTEGER,
    answered_by TEXT NOT NULL DEFAULT '',
    answer_reason TEXT NOT NULL DEFAULT '',
    origin TEXT NOT NULL DEFAULT ''
);
CREATE INDEX waiver_requests_of_deal ON waiver_requests (deal)
"""
DERIVED = f"""
{TOKENS.strip()};
CREATE TABLE playbooks (
    seq INTEGER NOT NULL,
    sha256 TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    file TEXT NOT NULL,
    content BLOB NOT NULL,
    document TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    UNIQUE (name, version)
);
CREATE TABLE deals (
    deal TEXT PRIMARY KEY,
    playbook TEXT NOT NULL REFERENCES playbooks (sha256),
    first_decision_at INTEGER,
    migrated_at INTEGER,
    erased INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX deals_by_playbook ON deals (playbook);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    deal TEXT NOT NULL REFERENCES deals (deal),
    event_id TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    actor TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    attrs TEXT NOT NULL,
    live INTEGER NOT NULL,
    stands INTEGER NOT NULL DEFAULT 0,
    rest TEXT NOT NULL DEFAULT '',
    bare INTEGER NOT NULL DEFAULT 0,
    UNIQUE (deal, event_id)
);
CREATE INDEX bare_events ON events (deal) WHERE bare;
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    deal TEXT NOT NULL REFERENCES deals (deal),
    at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    from_stage TEXT NOT NULL,
    to_stage TEXT NOT NULL,
    allowed INTEGER NOT NULL,
    playbook TEXT NOT NULL REFERENCES playbooks (sha256),
    event_id TEXT NOT NULL,
    findings TEXT NOT NULL,
    decision_id TEXT NOT NULL DEFAULT '',
    shadow INTEGER NOT NULL DEFAULT 0,
    governed INTEGER NOT NULL DEFAULT 1,
    note TEXT NOT NULL DEFAULT '',
    question TEXT NOT NULL DEFAULT '',
    facts TEXT NOT NULL DEFAULT ''
);
CREATE INDEX decisions_of_deal ON decisions (deal, id);
CREATE UNIQUE INDEX decisions_by_id ON decisions (deal, decision_id) WHERE decision_id <> '';
CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    actor TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    team TEXT NOT NULL,
    manager TEXT NOT NULL,
    started TEXT NOT NULL,
    since INTEGER,
    until INTEGER,
    told_by TEXT NOT NULL DEFAULT ''
);
CREATE INDEX people_by_actor ON people (actor);
CREATE TABLE migrations (
    id INTEGER PRIMARY KEY,
    deal TEXT NOT NULL REFERENCES deals (deal),
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    from_playbook TEXT NOT NULL REFERENCES playbooks (sha256),
    to_playbook TEXT NOT NULL REFERENCES playbooks (sha256),
    from_stage TEXT NOT NULL,
    to_stage TEXT NOT NULL,
    policy TEXT NOT NULL
);
CREATE INDEX migrations_of_deal ON migrations (deal, id);
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE retractions (
    id INTEGER PRIMARY KEY,
    deal TEXT NOT NULL REFERENCES deals (deal),
    event_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (deal, event_id)
);
CREATE TABLE merges (
    id INTEGER PRIMARY KEY,
    deal TEXT NOT NULL UNIQUE,
    into_deal TEXT NOT NULL REFERENCES deals (deal),
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX merges_into ON merges (into_deal);
{WAIVER_REQUESTS.strip()};
{STATEMENTS.strip()}
"""
BESIDE = """
CREATE TABLE token_uses (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL
);
CREATE TABLE replies (
    whose TEXT NOT NULL,
    key TEXT NOT NULL,
    asked TEXT NOT NULL,
    answer TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (whose, key)
);
CREATE INDEX replies_by_age ON replies (at)
"""
"""What stands in no log and is soon of no use: when a token was last used, and the answers that are
given again."""
HOOKS = """
CREATE TABLE hooks_in (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    secret TEXT NOT NULL,
    mapping TEXT NOT NULL,
    playbook TEXT NOT NULL,
    files TEXT NOT NULL,
    written_as TEXT NOT NULL,
    about TEXT NOT NULL,
    record_url TEXT NOT NULL,
    record_token TEXT NOT NULL,
    record_in TEXT NOT NULL,
    networks TEXT NOT NULL
);
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    delivery TEXT NOT NULL,
    about TEXT NOT NULL,
    at INTEGER NOT NULL,
    body BLOB NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    said TEXT NOT NULL,
    UNIQUE (source, delivery)
);
CREATE INDEX inbox_by_state ON inbox (state, next_at);
CREATE INDEX inbox_about ON inbox (source, about);
CREATE TABLE hooks_out (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    url TEXT NOT NULL,
    happenings TEXT NOT NULL,
    secret TEXT NOT NULL,
    name TEXT NOT NULL,
    networks TEXT NOT NULL,
    seen INTEGER NOT NULL
);
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    hook TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    said TEXT NOT NULL
);
CREATE INDEX outbox_by_state ON outbox (state, next_at)
"""
"""What stands in no log either, and stays where the tables are made anew: where hooks come from and
go to, and what of them is on its way."""
STAYING = frozenset(("hooks_in", "hooks_out", "inbox", "outbox"))
"""The tables of hooks."""
SCHEMA = frozenset(each.strip() for each in f"{LOG};{DERIVED};{BESIDE};{HOOKS}".split(";"))
"""What a ledger is made of; there is nothing else in its file."""


class _Database(Protocol):
    def execute(self, sql: str, /) -> Any: ...


def make(database: _Database, statements: str) -> None:
    """Makes tables and their indexes."""
    for statement in statements.split(";"):
        database.execute(statement.strip())


def names(connection: Connection) -> list[str]:
    """Returns the names of a ledger's tables in order, but that of the log."""
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        " AND name <> 'log' ORDER BY name"
    )
    return [str(name) for (name,) in found]


def is_ours(connection: Connection) -> bool:
    """Returns whether a file has the tables and indexes of a ledger, as they were made, and no
    others: nothing that does something by itself, and nothing that stands for something else."""
    found = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql <> ''")]
    return len(found) == len(SCHEMA) and SCHEMA.issuperset(found)


def have_hooks(connection: Connection) -> bool:
    """Returns whether the tables of hooks are there as they were made, so that they can stay where
    all others are made anew."""
    found = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql <> ''")}
    return found.issuperset(each.strip() for each in HOOKS.split(";"))
