"""Not tried on the service. The gate as part of a Frappe app: a deal is saved in a new status only
where playgate allows it, and what was saved is told afterwards.

`site_config.json` says `playgate_url`, `playgate_token`, `playgate_hook` (the whole address, with
its secret), and `playgate_open` where deals may move while playgate is away.
"""

from __future__ import annotations

from datetime import UTC, datetime

import frappe
import requests

SECONDS = 3
STATUS, LOST = "status", "Lost"
STAGES = {  # each status, and its id in the playbook
    "Qualification": "qualification",
    "Demo/Making": "demo",
    "Proposal/Quotation": "proposal",
    "Negotiation": "negotiation",
    "Ready to Close": "ready-to-close",
    "Won": "won",
    "Lost": "lost",
}


def validate(doc, method=None):
    """Refuses a new status that playgate refuses; the hook `validate` of the deal."""
    before = doc.get_doc_before_save()
    if before is None or before.get(STATUS) == doc.get(STATUS) or doc.get(STATUS) == LOST:
        return
    try:
        decision = _decided(doc)
    except requests.RequestException as error:
        frappe.log_error(title="playgate could not be asked", message=str(error))
        if frappe.conf.get("playgate_open"):
            return
        frappe.throw("The gate could not be asked. Try again in a minute.")
    if not decision["allowed"]:
        missing = [each["message"] for each in decision["findings"] if each["refuses"]]
        lines = [frappe.utils.escape_html(each) for each in missing or [decision["note"]]]
        frappe.throw("<br>".join(lines), title="Not yet")
    doc.set("playgate_decision", decision["decision_id"])


def on_update(doc, method=None):
    """Tells playgate of a new status, whoever set it; the hook `on_update` of the deal."""
    before = doc.get_doc_before_save()
    if before is None or before.get(STATUS) != doc.get(STATUS):
        frappe.enqueue(tell, event=_moved(doc), enqueue_after_commit=True)


def tell(event):
    """Sends an event to the hook of playgate."""
    answer = requests.post(frappe.conf.get("playgate_hook"), json=event, timeout=SECONDS)
    answer.raise_for_status()


def _decided(doc):
    question = {
        "deal": doc.name,
        "stage": STAGES.get(doc.get(STATUS), doc.get(STATUS)),
        "by": frappe.session.user,
        "unknown": "ignore",
    }
    if doc.get("deal_value"):
        question["fields"] = {"amount": float(doc.get("deal_value"))}
    answer = requests.post(
        frappe.conf.get("playgate_url").rstrip("/") + "/v1/ask",
        json=question,
        headers={"Authorization": f"Bearer {frappe.conf.get('playgate_token')}"},
        timeout=SECONDS,
    )
    answer.raise_for_status()
    return answer.json()


def _moved(doc):
    decision = doc.get("playgate_decision")
    return {
        "specversion": "1.0",
        "id": f"{doc.name}-{doc.modified}",
        "source": "/frappe",
        "type": "playgate.stage",
        "subject": doc.name,
        "time": datetime.now(UTC).isoformat(),
        "data": {
            "name": STAGES.get(doc.get(STATUS), doc.get(STATUS)),
            "actor": doc.modified_by,
            "attrs": {"decision": decision} if decision else {},
        },
    }
