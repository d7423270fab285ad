{
    "name": "playgate: the gate of a sales playbook",
    "summary": "A deal moves on only where your playbook lets it; who is refused reads why",
    "description": """
Opportunities change their stage, are won and are lost only where a sales playbook lets them:
playgate, a rules engine that runs beside Odoo, is asked before. What is missing stands on the
form, with who can do it; exceptions are asked for and approved there.
""",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "The playgate authors",
    "license": "Other OSI approved licence",
    "depends": ["crm"],
    "data": [
        "security/ir.model.access.csv",
        "security/rules.xml",
        "data/cron.xml",
        "wizards/waiver_ask_views.xml",
        "views/waiver_views.xml",
        "views/lead_views.xml",
        "views/name_views.xml",
        "views/settings_views.xml",
    ],
    "installable": True,
}
