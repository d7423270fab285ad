"""What Odoo knows of its opportunities, as events of playgate's history table."""

from datetime import timedelta

from odoo import models
from odoo.fields import Datetime

OUTSIDE = "outside"


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _playgate_stage(self):
        """The stage that the opportunity is in, as the playbook calls it; False of what is none."""
        self.ensure_one()
        if self.type != "opportunity" or not self.stage_id:
            return False
        return "lost" if self.won_status == "lost" else self.stage_id._playgate_name()

    def _playgate_values(self, tracked=False):
        """What is known of the opportunity now, by the names of the playbook; only of what is
        `tracked` it is known since when."""
        self.ensure_one()
        found = {}
        for field, name in self.env["res.config.settings"]._playgate_fields().items():
            if tracked and not getattr(self._fields[field], "tracking", None):
                continue
            value = self[field]
            if self._fields[field].type == "many2one":
                value = (value.login if field == "user_id" else value.display_name) if value else ""
            elif self._fields[field].type != "boolean" and value is False:
                value = ""
            found[name] = str(value)
        return found

    # --- The history ---

    def _playgate_history(self):
        """The events of each opportunity, in order, by its id.

        They are those that the mapping `odoo` makes of an export, and have its ids: what came both
        ways is one.
        """
        leads = self.sudo().with_context(active_test=False, lang="en_US")
        changes = leads._playgate_changes()
        moves = self.env["playgate.move"].sudo().search([("lead_id", "in", self.ids)], order="id")
        by_lead = moves.grouped("lead_id")
        done = leads._playgate_done()
        return {
            lead.id: lead._playgate_told(
                changes.get(lead.id, []), by_lead.get(lead, moves.browse()), done.get(lead.id, [])
            )
            for lead in leads
            if lead.type == "opportunity"
        }

    def _playgate_told(self, changes, moves, done):
        """The start of one opportunity, then its changes, moves and activities."""
        rest = list(moves)
        events = []
        for change in changes:
            event = dict(change["event"])
            if event["kind"] == "stage":
                move = next((each for each in rest if _is_of(each, event)), None)
                if move:
                    rest.remove(move)
                    event.update(_about(move))
            events.append(event)
        for move in rest:
            if move.from_stage:
                events.append(
                    {
                        **_event(move.lead_id.id, move.create_date, "stage", move.to_stage),
                        "actor": "" if move.origin == OUTSIDE else move.create_uid.login,
                        "event_id": f"move:{move.id}",
                        **_about(move),
                    }
                )
        begun = next((each for each in moves if not each.from_stage), None)
        start = self._playgate_start(changes, [each for each in rest if each.from_stage], begun)
        return sorted([*start, *events, *done], key=lambda each: each["happened_at"])

    def _playgate_start(self, changes, moves, begun):
        """The stage and the values with which an opportunity began: those before its first change,
        else those that it has now."""
        first = {}
        for change in changes:
            event = change["event"]
            key = event["kind"] if event["kind"] == "stage" else event["name"]
            first.setdefault(key, change["was"])
        if moves and "stage" not in first:
            first["stage"] = moves[0].from_stage
        at = begun.create_date if begun else self.create_date
        stage = begun.to_stage if begun else first.get("stage") or self._playgate_stage()
        actor = (begun or self).create_uid.login
        if stage == "lost":
            stage = self.stage_id._playgate_name()
        for name, value in self._playgate_values(tracked=True).items():
            value = first.get(name, value)
            if value:
                yield _event(self.id, at, "field", name, value)
        if stage:
            yield {
                **_event(self.id, at, "stage", stage),
                "actor": actor,
                "event_id": f"start:{self.id}:stage",
                **(_about(begun) if begun else {}),
            }

    def _playgate_changes(self):
        """What was tracked of these, by the id of each, in order."""
        domain = [
            ("mail_message_id.model", "=", "crm.lead"),
            ("mail_message_id.res_id", "in", self.ids),
        ]
        names = self.env["res.config.settings"]._playgate_fields()
        status = self._playgate_status_words()
        found = {}
        for each in self.env["mail.tracking.value"].sudo().search(domain, order="id"):
            lead = self.browse(each.mail_message_id.res_id)
            told = found.setdefault(lead.id, [])
            event = self._playgate_change(each, each.field_id.name, names, status, told)
            if event:
                kind, name, value, was = event
                made = _event(lead.id, each.create_date, kind, name, value)
                made.update(actor=each.create_uid.login, event_id=f"tracking:{each.id}")
                told.append({"event": made, "was": was})
        return {lead: _reason_first(told) for lead, told in found.items()}

    def _playgate_change(self, value, field, names, status, before):
        """The kind, the name, the value and the value before of one change; None of no event."""
        if field == "stage_id":
            stages = self.env["crm.stage"]
            new, old = (
                stages.browse(each) for each in (value.new_value_integer, value.old_value_integer)
            )
            if not new.exists():
                return None
            return "stage", new._playgate_name(), "", (old.exists() and old._playgate_name()) or ""
        if field == "won_status":
            new = status.get(value.new_value_char)
            if new == "lost":
                return "stage", "lost", "", ""
            if new == "pending" and status.get(value.old_value_char) == "lost":
                stage = (
                    _last_open(before)
                    or self.browse(value.mail_message_id.res_id).stage_id._playgate_name()
                )
                return "stage", stage, "", "lost"
            return None
        if field not in names:
            return None
        return (
            "field",
            names[field],
            self._playgate_text(value, field, "new"),
            self._playgate_text(value, field, "old"),
        )

    def _playgate_text(self, value, field, age):
        kind = self._fields[field].type
        if field == "user_id":
            user = self.env["res.users"].sudo().browse(value[f"{age}_value_integer"]).exists()
            return user.login or ""
        if kind == "many2one":
            return value[f"{age}_value_char"] or ""
        if kind in ("float", "monetary"):
            return str(value[f"{age}_value_float"])
        if kind == "boolean":
            return str(bool(value[f"{age}_value_integer"]))
        if kind == "integer":
            return str(value[f"{age}_value_integer"])
        if kind in ("date", "datetime"):
            at = value[f"{age}_value_datetime"]
            return (at.date().isoformat() if kind == "date" else _instant(at)) if at else ""
        return value[f"{age}_value_{'text' if kind == 'text' else 'char'}"] or ""

    def _playgate_status_words(self):
        """What a won status is called in the languages of this Odoo."""
        found = {}
        for code, _name in self.env["res.lang"].get_installed():
            lead = self.env["crm.lead"].with_context(lang=code)
            told = lead.fields_get(["won_status"], ["selection"])["won_status"]["selection"]
            found.update({word: key for key, word in told})
        return found

    def _playgate_done(self):
        """The activities that were done, by the id of the opportunity."""
        domain = [
            ("model", "=", "crm.lead"),
            ("res_id", "in", self.ids),
            ("mail_activity_type_id", "!=", False),
            ("date", "<=", Datetime.now()),  # what is still to come was not done
        ]
        found = {}
        for each in self.env["mail.message"].sudo().search(domain, order="id"):
            found.setdefault(each.res_id, []).append(
                {
                    **_event(
                        each.res_id,
                        each.date,
                        "activity",
                        each.mail_activity_type_id._playgate_name(),
                    ),
                    "actor": each.create_uid.login,
                    "recorded_at": _instant(each.create_date),
                    "event_id": f"message:{each.id}",
                }
            )
        return found

    # --- What went around ---

    def _playgate_caught_up(self, stages=None):
        """The history of each, after moves were noted that no record tells of, such as by SQL: the
        opportunity is in another stage than the last that its events lead to. `stages` are those
        that count as now. With it, how many were noted."""
        noted = self.env["playgate.move"]
        histories = self._playgate_history()
        for lead_id, events in histories.items():
            now = (stages or {}).get(lead_id) or self.browse(lead_id)._playgate_stage()
            told = [each["name"] for each in events if each["kind"] == "stage"]
            if now and told and told[-1] != now:
                noted += noted.sudo().create(
                    {"lead_id": lead_id, "from_stage": told[-1], "to_stage": now, "origin": OUTSIDE}
                )
        if noted:
            histories.update(noted.sudo().lead_id._playgate_history())
        return histories, len(noted)


def _event(deal, at, kind, name, value=""):
    return {
        "deal": str(deal),
        "happened_at": _instant(at),
        "kind": kind,
        "name": name,
        "value": value,
    }


def _instant(at):
    return at.replace(microsecond=0).isoformat() + "Z"


def _is_of(move, event):
    near = timedelta(seconds=1)
    same = abs(move.create_date - _read(event["happened_at"])) <= near
    return same and move.from_stage and move.to_stage == event["name"]


def _read(instant):
    return Datetime.to_datetime(instant.rstrip("Z").replace("T", " "))


def _about(move):
    told = {name: move[name] for name in ("decision", "origin") if move[name]}
    return {"attrs": told} if told else {}


def _last_open(changes):
    """The stage before the loss, by the changes until then; empty where they tell none."""
    stages = [each["event"]["name"] for each in changes if each["event"]["kind"] == "stage"]
    return next((each for each in reversed(stages) if each != "lost"), "")


def _reason_first(changes):
    """Of what was written at once, values before stages: a stage can ask for them."""
    return sorted(
        changes, key=lambda each: (each["event"]["happened_at"], each["event"]["kind"] == "stage")
    )
