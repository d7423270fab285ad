"""Files and tables, read into one table of distinct events."""
