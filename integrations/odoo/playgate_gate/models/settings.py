"""Where playgate is, and what holds while it is away."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import wire

_FIELDS = "expected_revenue=amount, user_id=owner, lost_reason_id=lost_reason"


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    playgate_url = fields.Char("Address", config_parameter="playgate_gate.url")
    playgate_token = fields.Char("Token", config_parameter="playgate_gate.token")
    playgate_playbook = fields.Char("Playbook", config_parameter="playgate_gate.playbook")
    playgate_on_failure = fields.Selection(
        [("closed", "Refuse moves"), ("open", "Let moves through")],
        "While playgate is away",
        config_parameter="playgate_gate.on_failure",
        default="closed",
    )
    playgate_seconds = fields.Float(
        "Seconds to wait", config_parameter="playgate_gate.seconds", default=5.0
    )
    playgate_fields = fields.Char(
        "Fields",
        config_parameter="playgate_gate.fields",
        default=_FIELDS,
        help="What the playbook calls fields of opportunities; what is tracked has a history",
    )
    playgate_last_night = fields.Char(
        "Last night", config_parameter="playgate_gate.last_night", readonly=True
    )

    @api.model
    def _playgate_fields(self):
        """The fields that the playbook knows, with its names for them."""
        said = self.env["ir.config_parameter"].sudo().get_param("playgate_gate.fields") or _FIELDS
        known = self.env["crm.lead"]._fields
        try:
            pairs = wire.pairs_in(said)
        except ValueError:
            pairs = wire.pairs_in(_FIELDS)
        return {field: name for field, name in pairs.items() if field in known}

    @api.constrains("playgate_fields")
    def _check_playgate_fields(self):
        for each in self:
            try:
                names = wire.pairs_in(each.playgate_fields or "")
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "Write fields as %(example)s; this is none: %(said)s",
                        example=_FIELDS,
                        said=error,
                    )
                ) from None
            for name in names:
                if name not in self.env["crm.lead"]._fields:
                    raise ValidationError(self.env._("Opportunities have no field %s", name))

    def action_playgate_try(self):
        """Asks playgate whether it is there, and lets this token in."""
        server = self.env["crm.lead"]._playgate_server()
        if not server:
            raise UserError(self.env._("Save the address first."))
        try:
            server.get("/readyz")
            server.get("/v1/deals", limit="1")
        except (wire.AwayError, wire.ToldError) as error:
            raise UserError(self.env._("playgate does not answer: %s", error)) from None
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": self.env._("playgate answers.")},
        }
