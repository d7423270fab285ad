"""What an opportunity still lacks, on its form; and what the night tells playgate."""

import json
import logging

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import html_sanitize

from .. import wire

_logger = logging.getLogger(__name__)

_TOGETHER = 500


class CrmLead(models.Model):
    _inherit = "crm.lead"

    playgate_card = fields.Html(
        "What the playbook asks for", compute="_compute_playgate_card", compute_sudo=False
    )

    @api.depends_context("uid")
    def _compute_playgate_card(self):
        """One form shows one card; a list of opportunities asks nothing."""
        self.playgate_card = False
        if len(self) != 1 or not isinstance(self.id, int) or self.type != "opportunity":
            return
        server = self._playgate_server()
        if not server:
            return
        try:
            self._playgate_confirm()
            said = server.get(self._playgate_card_path(), format="html", by=self.env.user.login)
            self.playgate_card = html_sanitize(said, sanitize_style=True, strip_style=True)
        except (wire.AwayError, wire.ToldError) as error:
            why = self.env._("playgate does not tell what is missing: %s", error)
            self.playgate_card = Markup("<p class='text-warning'>%s</p>") % why

    def _playgate_card_path(self):
        return f"/v1/deals/{self.id}/card"

    def _playgate_lacks(self):
        """The rules that refuse the next move, with their words; raises what `wire` raises."""
        self.ensure_one()
        self._playgate_confirm()
        said = self._playgate_server().get(
            self._playgate_card_path(), format="json", by=self.env.user.login
        )
        return wire.what_is_missing(json.loads(said))

    # --- The night ---

    @api.model
    def _cron_playgate_night(self):
        """Tells playgate all that Odoo knows of its opportunities, then asks what does not fit.

        What playgate has already stays, so that nothing need be kept here of what was told.
        """
        server = self._playgate_server()
        if not server:
            return
        leads = self.with_context(active_test=False).search([("type", "=", "opportunity")])
        new, outside, problems = 0, 0, []
        for start in range(0, len(leads), _TOGETHER):
            some = leads[start : start + _TOGETHER]
            histories, noted = some._playgate_caught_up()
            outside += noted
            events = [each for told in histories.values() for each in told]
            added, wrong = self._playgate_sent(events)
            new, problems = new + added, problems + wrong
        counts = json.loads(server.get("/v1/reconcile"))["counts"]
        for each in problems[:20]:
            _logger.warning("playgate could not take in an event: %s", each["reason"])
        told = self.env._(
            "%(at)s: %(new)s new events, %(problems)s that could not be taken in; moves: %(gated)s"
            " gated, %(past)s past the gate, %(left)s allowed, but not made; %(outside)s moves that"
            " nothing had told of",
            at=fields.Datetime.to_string(fields.Datetime.now()),
            new=new,
            problems=len(problems),
            gated=counts["gated"],
            past=counts["past_the_gate"],
            outside=outside,
            left=counts["allowed_but_not_made"],
        )
        self.env["ir.config_parameter"].sudo().set_param("playgate_gate.last_night", told)
        _logger.info("playgate: %s", told)
