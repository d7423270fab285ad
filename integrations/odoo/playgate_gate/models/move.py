"""The moves that were made, each with what the gate had said."""

from odoo import fields, models


class PlaygateMove(models.Model):
    _name = "playgate.move"
    _description = "Move of an opportunity"
    _order = "id desc"
    _rec_name = "to_stage"
    _log_access = True

    lead_id = fields.Many2one("crm.lead", required=True, index=True, ondelete="cascade")
    from_stage = fields.Char()
    to_stage = fields.Char(required=True)
    decision = fields.Char(help="The decision of playgate; empty where the gate was not asked")
    origin = fields.Char(help="How it came about; `outside` of what was found afterwards")
