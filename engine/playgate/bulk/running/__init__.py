"""An audit that is run: in parts, with its findings told by the judge."""
