"""What an opportunity still lacks, on its form; and what the night tells playgate."""

import json
import logging

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import html_sanitize

from .. import wire

_logger = logging.getLogger(__name__)

_TOGETHER = 500
_PATIENCE = 60.0
"""Seconds that an answer may take at night."""
_NIGHT = "playgate_gate.night"


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
        if not self._playgate_is_kept():
            why = self.env._("Changed just now: load the page again to see what is missing.")
            self.playgate_card = Markup("<p class='text-muted'>%s</p>") % why
            return
        try:
            self._playgate_confirm()
            said = server.get(self._playgate_card_path(), format="html", by=self.env.user.login)
            self.playgate_card = html_sanitize(said, sanitize_style=True, strip_style=True)
        except (wire.AwayError, wire.ToldError) as error:
            why = self.env._("playgate does not tell what is missing: %s", error)
            self.playgate_card = Markup("<p class='text-warning'>%s</p>") % why

    def _playgate_is_kept(self):
        """Whether the opportunity is as the database keeps it: what a transaction has changed so
        far may be taken back, and has no history yet."""
        self.flush_recordset()
        query = "SELECT write_date FROM crm_lead WHERE id = %s"
        self.env.cr.execute(query, [self.id])
        seen = self.env.cr.fetchone()
        with self.pool.cursor() as cursor:
            cursor.execute(query, [self.id])
            return seen == cursor.fetchone()

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

        What playgate has already stays, so that nothing need be kept here of what was told. Each
        portion is kept by itself; where the time of a scheduled action is over, it goes on there.
        """
        if not self._playgate_server():
            return
        said = self.env["ir.config_parameter"].sudo()
        night = {"after": 0, "new": 0, "outside": 0, "problems": 0}
        night.update(json.loads(said.get_param(_NIGHT) or "{}"))
        try:
            is_done = self._playgate_told_all(night)
        except wire.AwayError as error:
            told = self.env._("playgate could not be told: %s", error)
        else:
            if not is_done:
                return
            told = self._playgate_in_a_line(night)
        said.set_param(_NIGHT, False)
        at = fields.Datetime.to_string(fields.Datetime.now())
        said.set_param("playgate_gate.last_night", f"{at}: {told}")
        _logger.info("playgate: %s", told)

    @api.model
    def _playgate_told_all(self, night):
        """Tells of all opportunities after one, and counts; whether there was time for all."""
        said = self.env["ir.config_parameter"].sudo()
        leads = self.with_context(active_test=False)
        while True:
            rest = [("type", "=", "opportunity"), ("id", ">", night["after"])]
            some = leads.search(rest, order="id", limit=_TOGETHER)
            if not some:
                return True
            new, outside, problems = some._playgate_told_portion()
            for each in problems[:20]:
                _logger.warning("playgate could not take in an event: %s", each)
            night["after"] = some[-1].id
            night["new"] += new
            night["outside"] += outside
            night["problems"] += len(problems)
            said.set_param(_NIGHT, json.dumps(night))
            left = leads.search_count([*rest, ("id", ">", night["after"])])
            if not self.env["ir.cron"]._commit_progress(len(some), remaining=left) and left:
                return False

    def _playgate_told_portion(self):
        """Tells of these: how many events were new, how many moves nothing had told of, and what
        was wrong. One that cannot be told of does not stop the others."""
        try:
            with self.env.cr.savepoint():
                histories, outside = self._playgate_caught_up()
                new, wrong = self._playgate_sent(histories, seconds=_PATIENCE)
                return new, outside, wrong
        except wire.AwayError:
            raise
        except Exception as error:
            if len(self) == 1:
                return 0, 0, [f"{self.id}: {error}"]
        half = len(self) // 2
        parts = [each._playgate_told_portion() for each in (self[:half], self[half:])]
        (new, outside, wrong), (more, further, others) = parts
        return new + more, outside + further, wrong + others

    @api.model
    def _playgate_in_a_line(self, night):
        """What a night came to, and what does not fit."""
        told = self.env._(
            "%(new)s new events, %(problems)s that could not be taken in;"
            " %(outside)s moves that nothing had told of",
            **{name: night[name] for name in ("new", "problems", "outside")},
        )
        server = self._playgate_server()._replace(seconds=_PATIENCE)
        try:
            counts = json.loads(server.get("/v1/reconcile"))["counts"]
        except (wire.AwayError, wire.ToldError, ValueError, KeyError) as error:
            return f"{told}; {self.env._('moves could not be compared: %s', error)}"
        compared = self.env._(
            "moves: %(gated)s gated, %(past)s past the gate, %(left)s allowed, but not made",
            gated=counts["gated"],
            past=counts["past_the_gate"],
            left=counts["allowed_but_not_made"],
        )
        return f"{told}; {compared}"
