"""What can be proven about a playbook without a deal: contradictions, and rules that ask nothing."""
