"""Exceptions that were asked for, and how they were answered."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import wire

_ANSWERS = {"answer_reason"}
"""What who answers may write."""


class PlaygateWaiver(models.Model):
    _name = "playgate.waiver"
    _description = "Exception from the playbook"
    _order = "id desc"
    _rec_name = "words"

    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", required=True, readonly=True, index=True, ondelete="cascade"
    )
    rule = fields.Char(required=True, readonly=True)
    words = fields.Char("What is missing", readonly=True)
    reason = fields.Text(required=True, readonly=True)
    request = fields.Char("Request", required=True, readonly=True)
    asked_by = fields.Many2one("res.users", readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("approved", "Approved"), ("declined", "Declined")],
        default="open",
        required=True,
        readonly=True,
    )
    answered_by = fields.Many2one("res.users", readonly=True)
    answer_reason = fields.Text("Why not")

    def write(self, vals):
        if not _ANSWERS.issuperset(vals):
            raise AccessError(
                self.env._("Approve or decline the request; nothing else of it changes.")
            )
        return super().write(vals)

    def action_approve(self):
        for each in self:
            each._answer("approved", "/v1/waiver-approve", {})

    def action_decline(self):
        for each in self:
            if not (each.answer_reason or "").strip():
                raise UserError(self.env._("Say why there is no exception."))
            each._answer("declined", "/v1/waiver-decline", {"reason": each.answer_reason})

    def _answer(self, state, path, said):
        """Answers in the name of who is signed in; whether they may, playgate knows."""
        self.ensure_one()
        self.check_access("write")
        told = {"request": self.request, "by": self.env.user.login, **said}
        server = self.env["crm.lead"]._playgate_server()
        if not server:
            raise UserError(self.env._("There is no gate to ask."))
        try:
            server.post(path, told, once=f"waiver {self.id}")
        except (wire.AwayError, wire.ToldError) as error:
            raise UserError(str(error)) from None
        super().write({"state": state, "answered_by": self.env.uid})
        self.lead_id.sudo().message_post(
            body=self.env._(
                "Exception %(state)s by %(who)s: %(words)s",
                state=dict(self._fields["state"].selection)[state].lower(),
                who=self.env.user.name,
                words=self.words,
            )
        )


class CrmLead(models.Model):
    _inherit = "crm.lead"

    playgate_waiver_ids = fields.One2many("playgate.waiver", "lead_id", copy=False)
    playgate_waiver_count = fields.Integer(compute="_compute_playgate_waiver_count")

    @api.depends("playgate_waiver_ids")
    def _compute_playgate_waiver_count(self):
        for lead in self:
            lead.playgate_waiver_count = len(lead.playgate_waiver_ids)
