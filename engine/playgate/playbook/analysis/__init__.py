"""What can be proven about a playbook without a deal: contradictions, and idle rules."""
