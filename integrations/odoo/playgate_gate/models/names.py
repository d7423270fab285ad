"""What a playbook calls the stages and the types of activities of this Odoo."""

from odoo import fields, models

from .. import wire

_HELP = (
    "As the playbook writes it; where it is empty, the English name in small letters and hyphens"
)


class CrmStage(models.Model):
    _inherit = "crm.stage"

    playgate_name = fields.Char(
        "Name in the playbook", help=_HELP, groups="base.group_system", copy=False
    )

    def _playgate_name(self):
        self.ensure_one()
        stage = self.sudo().with_context(lang="en_US")
        return stage.playgate_name or wire.name_of(stage.name or "")


class MailActivityType(models.Model):
    _inherit = "mail.activity.type"

    playgate_name = fields.Char(
        "Name in the playbook", help=_HELP, groups="base.group_system", copy=False
    )

    def _playgate_name(self):
        self.ensure_one()
        kind = self.sudo().with_context(lang="en_US")
        return kind.playgate_name or wire.name_of(kind.name or "")
