# Runs inside of Odoo's shell: who works here, and where playgate is. GIVEN is put before it.
import json
from datetime import datetime, timedelta

user, rep = env.ref("base.group_user").id, env.ref("sales_team.group_sale_salesman_all_leads").id
manager, system = env.ref("sales_team.group_sale_manager").id, env.ref("base.group_system").id
keys = {}
for login, name, group in (
    ("ann", "Ann Berg", rep),
    ("bob", "Bob Cole", rep),
    ("eve", "Eve Fox", manager),
    ("ada", "Ada Root", system),
):
    found = env["res.users"].create(
        {
            "login": login,
            "name": name,
            "password": f"{login}-{login}",
            "group_ids": [(6, 0, [user, group, *([manager] if login == "ada" else [])])],
        }
    )
    until = datetime.now() + timedelta(days=1)
    keys[login] = env["res.users.apikeys"].with_user(found)._generate("rpc", "test", until)
team = env["crm.team"].search([], limit=1)
team.member_ids = [(4, each) for each in env["res.users"].search([("login", "in", list(keys))]).ids]
for name, value in GIVEN.items():
    env["ir.config_parameter"].set_param(f"playgate_gate.{name}", value)
env["ir.config_parameter"].set_param("web.base.url", BASE)
env.cr.commit()
print("KEYS", json.dumps(keys))
