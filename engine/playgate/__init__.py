"""playgate: sales playbooks as code, enforced live and audited in hindsight."""

__version__ = "0.1.0"
