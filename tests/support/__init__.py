"""What tests share: a naive judge to compare with, generated playbooks and histories."""
