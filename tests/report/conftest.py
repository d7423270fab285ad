"""The audits of `audit_examples`, for every test of a report."""

from __future__ import annotations

import audit_examples
import pytest

from playgate.audit.result import AuditResult
from support.in_process import run

__all__ = ["bank", "hostile", "run"]


@pytest.fixture
def bank() -> AuditResult:
    return audit_examples.bank()


@pytest.fixture
def hostile() -> AuditResult:
    return audit_examples.hostile()


@pytest.fixture
def empty() -> AuditResult:
    return audit_examples.empty()
