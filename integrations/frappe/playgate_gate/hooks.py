"""Not tried on the service. What Frappe reads of an app."""

app_name = "playgate_gate"
app_title = "The gate of a sales playbook"
app_license = "mit"

doc_events = {
    "CRM Deal": {
        "validate": "playgate_gate.gate.validate",
        "on_update": "playgate_gate.gate.on_update",
    }
}
