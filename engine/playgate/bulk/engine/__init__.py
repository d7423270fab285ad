"""The connection to an engine, and the tables that are made on it on the way."""
