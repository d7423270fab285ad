"""The audit written down as SQL or as a dbt project, instead of run."""
