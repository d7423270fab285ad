# Not tried on the service.
# A Server Script of the type "DocType Event" on CRM Deal, "Before Save". Nothing can be imported
# there; `doc`, `frappe` and `json` are given. An answer that does not come is an error by itself:
# then the deal is not saved.

GATE = "https://gate.example.com"
TOKEN = "pgt_…"
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

before = frappe.db.get_value(doc.doctype, doc.name, STATUS)
if before and doc.get(STATUS) != before and doc.get(STATUS) != LOST:
    question = {
        "deal": doc.name,
        "stage": STAGES.get(doc.get(STATUS), doc.get(STATUS)),
        "by": frappe.session.user,
        "unknown": "ignore",
    }
    if doc.get("deal_value"):
        question["fields"] = {"amount": doc.get("deal_value")}
    decision = frappe.make_post_request(
        GATE + "/v1/ask",
        headers={"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"},
        data=json.dumps(question),
    )
    if decision["allowed"]:
        doc.set("playgate_decision", decision["decision_id"])
    else:
        missing = [each["message"] for each in decision["findings"] if each["refuses"]]
        frappe.throw(
            "<br>".join([frappe.utils.escape_html(each) for each in missing or [decision["note"]]])
        )
