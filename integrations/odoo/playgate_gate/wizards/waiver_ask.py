"""Asking for an exception from what an opportunity lacks for its next stage."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import wire


class PlaygateWaiverAsk(models.TransientModel):
    _name = "playgate.waiver.ask"
    _description = "Ask for a waiver"

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True)
    line_ids = fields.One2many("playgate.waiver.ask.line", "ask_id", "Missing")
    reason = fields.Text(required=True)

    @api.model
    def default_get(self, fields):
        found = super().default_get(fields)
        lead = self.env["crm.lead"].browse(self.env.context.get("active_id"))
        if not lead or not lead._playgate_server():
            raise UserError(self.env._("There is no gate to ask."))
        lead.check_access("write")
        try:
            lacks = lead._playgate_lacks()
        except (wire.AwayError, wire.ToldError) as error:
            raise UserError(str(error)) from None
        if not lacks:
            raise UserError(self.env._("Nothing is missing for the next stage."))
        lines = [
            (0, 0, {"rule": rule, "words": words, "wanted": len(lacks) == 1})
            for rule, words in lacks
        ]
        return {**found, "lead_id": lead.id, "line_ids": lines}

    def action_ask(self):
        """Asks for each that is wanted; a manager answers."""
        self.ensure_one()
        self.lead_id.check_access("write")
        wanted = self.line_ids.filtered("wanted")
        if not wanted:
            raise UserError(self.env._("Choose what there should be an exception from."))
        server = self.lead_id._playgate_server()
        if not server:
            raise UserError(self.env._("There is no gate to ask."))
        words = self._missing()
        for line in wanted:
            if line.rule not in words:
                raise UserError(self.env._("This is not missing any more: %s", line.words))
            said = {
                "deal": str(self.lead_id.id),
                "rule": line.rule,
                "reason": self.reason,
                "by": self.env.user.login,
            }
            try:
                told = server.post("/v1/waiver-request", said, once=f"line {line.id}")
            except (wire.AwayError, wire.ToldError) as error:
                raise UserError(str(error)) from None
            self._keep(line.rule, words[line.rule], str(told["id"]))
        return {"type": "ir.actions.act_window_close"}

    def _missing(self):
        """The words of what is missing, by its rule: as playgate says them, whatever the form said
        that was sent."""
        try:
            return dict(self.lead_id._playgate_lacks())
        except (wire.AwayError, wire.ToldError) as error:
            raise UserError(str(error)) from None

    def _keep(self, rule, words, request):
        waivers = self.env["playgate.waiver"].sudo()
        if not waivers.search_count([("request", "=", request)]):
            waivers.create(
                {
                    "lead_id": self.lead_id.id,
                    "rule": rule,
                    "words": words,
                    "reason": self.reason,
                    "request": request,
                    "asked_by": self.env.uid,
                }
            )


class PlaygateWaiverAskLine(models.TransientModel):
    _name = "playgate.waiver.ask.line"
    _description = "Something that is missing"

    ask_id = fields.Many2one("playgate.waiver.ask", required=True, ondelete="cascade")
    rule = fields.Char(required=True)
    words = fields.Char()
    wanted = fields.Boolean()
