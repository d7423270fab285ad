"""Opportunities move only where playgate lets them, whatever it is that moves them.

A change is made inside a savepoint, and looked at before it counts: so each way to a stage is
seen, with all values that are saved along. What moved is asked in one call. What is refused is
taken back, and what may move is made alone.
"""

import logging
from contextlib import contextmanager
from contextvars import ContextVar

import psycopg2
from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.modules.registry import Registry

from .. import wire

_logger = logging.getLogger(__name__)

LOCKED = (
    "playgate_verdict",
    "playgate_missing",
    "playgate_decision",
    "playgate_asked_stage",
    "playgate_asked_at",
)
"""What the gate alone writes."""
_MOVES = {"stage_id", "active", "probability", "automated_probability", "type"}
"""What a change must touch to move anything, or something that the stage follows."""
_UNREADABLE = {"wrong-value", "no-json"}
"""What playgate says where it is the opportunity that cannot be read, not playgate that is away."""
_MOST_TOLD = 5
_CONFIRM = "playgate.confirm"
_inside = ContextVar("playgate_inside", default=())
"""The opportunities whose change is looked at already, further out, in groups."""


class _Made:
    """The opportunities that are being made, whose ids nobody knows yet: those later than one,
    without those that were made on the way and looked at by themselves."""

    def __init__(self, latest):
        self._latest = latest
        self.done = set()

    def __contains__(self, lead_id):
        return isinstance(lead_id, int) and lead_id > self._latest and lead_id not in self.done


class _RefusedError(Exception):
    """Takes a change back."""


@contextmanager
def _looked_at(ids):
    before = _inside.set((*_inside.get(), ids))
    try:
        yield
    finally:
        _inside.reset(before)


def _is_looked_at(lead_id):
    return any(lead_id in each for each in _inside.get())


def _made_on_the_way(ids):
    """Says that these were looked at, so that what is made further out leaves them to the gate."""
    for each in _inside.get():
        if isinstance(each, _Made):
            each.done.update(ids)


class CrmLead(models.Model):
    _inherit = "crm.lead"

    playgate_verdict = fields.Selection(
        [("allowed", "Allowed"), ("refused", "Refused"), ("unasked", "Not asked")],
        "Playbook's verdict",
        readonly=True,
        copy=False,
    )
    playgate_missing = fields.Text("Missing for the playbook", readonly=True, copy=False)
    playgate_decision = fields.Char("Decision of the gate", readonly=True, copy=False)
    playgate_asked_stage = fields.Char("Stage that was asked for", readonly=True, copy=False)
    playgate_asked_at = fields.Datetime("Asked at", readonly=True, copy=False)

    # --- Every way to a stage ---

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._playgate_refuse_forged(vals)
        # Said here, so that no default of a user or of a context says it.
        given = [{**vals, **dict.fromkeys(LOCKED, False)} for vals in vals_list]
        if not self._playgate_server():
            return super().create(given)
        return self._playgate_created(super().create, given)

    def write(self, vals):
        self._playgate_refuse_forged(vals)
        leads = self._playgate_tracked(vals)
        gated = leads.filtered(lambda lead: not _is_looked_at(lead.id))
        if not gated or not self._playgate_may_move(vals) or not self._playgate_server():
            return super(CrmLead, leads).write(vals)
        if gated != leads:
            super(CrmLead, leads - gated).write(dict(vals))
        return gated._playgate_gated(lambda leads: super().write(dict(vals)))

    def action_set_lost(self, **additional_values):
        """All that is written of a loss is one change: its reason comes with it."""
        if not self._playgate_server():
            return super().action_set_lost(**additional_values)
        return self._playgate_gated(lambda leads: super().action_set_lost(**additional_values))

    def action_set_won(self):
        if not self._playgate_server():
            return super().action_set_won()
        return self._playgate_gated(lambda leads: super().action_set_won())

    def _playgate_tracked(self, vals):
        """These, so that a change of what the playbook knows is tracked whatever a context says: a
        value without a history would count as known from the start."""
        silent = {"tracking_disable", "mail_notrack"}
        if not any(self.env.context.get(each) for each in silent) or not self._playgate_server():
            return self
        if not self.env["res.config.settings"]._playgate_fields().keys() & vals.keys():
            return self
        told = {**dict.fromkeys(silent, False), "mail_auto_subscribe_no_notify": True}
        return self.with_context(**told)

    @api.model
    def _playgate_may_move(self, vals):
        """Whether a change of these values can lead to another stage, such as by another team."""
        if _MOVES.intersection(vals):
            return True
        changed = [self._fields[name] for name in vals if name in self._fields]
        stage = self._fields["stage_id"]
        return any(stage in self.pool.get_dependent_fields(each) for each in changed)

    # --- Looking at a change ---

    def _playgate_gated(self, change):
        """Makes a change of these as far as their playbook lets them move; what it returns."""
        before = {lead.id: lead._playgate_stage() for lead in self}
        histories, _ = self._playgate_caught_up(before)
        answers = {}
        try:
            with self.env.cr.savepoint(), _looked_at(self.ids):
                result = change(self)
                moved = self._playgate_moved(before)
                answers = moved._playgate_asked(histories)
                refused = moved.filtered(lambda lead: answers[lead.id]["verdict"] == "refused")
                if refused:
                    raise _RefusedError
                moved._playgate_made(before, answers)
            return result
        except _RefusedError:
            self.invalidate_recordset()
        allowed = self - refused
        if not allowed or len(self) == 1:
            self._playgate_note_later(answers)
            raise UserError(self._playgate_words(refused, answers))
        with self.env.cr.savepoint(), _looked_at(allowed.ids):
            result = change(allowed)
            moved = allowed._playgate_moved(before)
            told = {lead_id: answer["stage"] for lead_id, answer in answers.items()}
            if any(lead._playgate_stage() != told.get(lead.id) for lead in moved):
                raise UserError(self.env._("A change moves differently when it is made again."))
            moved._playgate_made(before, answers)
        for lead in refused:
            lead._playgate_note(answers[lead.id])
        self._playgate_tell(refused, answers)
        return result

    def _playgate_created(self, create, vals_list):
        """Makes opportunities; those that begin in a later stage are asked for."""
        answers = {}
        try:
            with self.env.cr.savepoint():
                with _looked_at(_Made(self._playgate_latest())):
                    leads = create(vals_list)
                before = dict.fromkeys(leads.ids, False)
                moved = leads._playgate_moved(before)
                answers = moved._playgate_asked({})
                refused = moved.filtered(lambda lead: answers[lead.id]["verdict"] == "refused")
                if refused:
                    raise UserError(self._playgate_words(refused, answers))
                moved._playgate_made(before, answers)
        except UserError:
            self.env.invalidate_all()
            raise
        _made_on_the_way(leads.ids)
        return leads

    @api.model
    def _playgate_latest(self):
        self.env.cr.execute("SELECT COALESCE(max(id), 0) FROM crm_lead")
        return self.env.cr.fetchone()[0]

    def _playgate_begins(self):
        """Whether this stage is where opportunities of its team begin."""
        first = self._stage_find(team_id=self.team_id.id, domain=[("fold", "=", False)])
        return self.stage_id == first and self.won_status == "pending"

    def _playgate_moved(self, before):
        """Those that are in another stage than before, but for those that begin where all do."""
        self.env.flush_all()
        return self.filtered(
            lambda lead: (
                lead._playgate_stage()
                and lead._playgate_stage() != before[lead.id]
                and (before[lead.id] or not lead._playgate_begins())
            )
        )

    # --- Asking ---

    @api.model
    def _playgate_server(self):
        """playgate's server, or None where no address is set: then there is no gate."""
        said = self.env["ir.config_parameter"].sudo().get_param
        url = (said("playgate_gate.url") or "").strip()
        if not url:
            return None
        try:
            seconds = min(max(float(said("playgate_gate.seconds") or 5), 0.2), 60.0)
        except ValueError:
            seconds = 5.0
        return wire.Server(url, said("playgate_gate.token") or "", seconds)

    def _playgate_asked(self, histories):
        """What the gate says to each of these, which moved: its verdict, its words, its decision.
        `histories` are their events until then."""
        if not self:
            return {}
        said = self.env["ir.config_parameter"].sudo().get_param
        lines = [
            wire.ask_line(
                str(lead.id),
                lead._playgate_stage(),
                by=self.env.user.login,
                facts=histories.get(lead.id, []),
                fields=lead._playgate_unsaved(histories.get(lead.id, [])),
                playbook=said("playgate_gate.playbook") or "",
            )
            for lead in self
        ]
        stages = {lead.id: lead._playgate_stage() for lead in self}
        now = fields.Datetime.now()
        try:
            answers = self._playgate_server().lines("/v1/batch", lines)
        except (wire.AwayError, wire.ToldError) as error:
            _logger.warning("playgate could not be asked: %s", error)
            why = self.env._("playgate could not be asked: %s", error)
            answers = [{"kind": "error", "error": {"message": why}} for _ in lines]
        is_open = said("playgate_gate.on_failure") == "open"
        return {
            lead.id: {
                "verdict": _verdict(answer, is_open),
                "words": [] if answer.get("allowed") else wire.reasons(answer),
                "decision": answer.get("decision_id") or "",
                "stage": stages[lead.id],
                "at": now,
            }
            for lead, answer in zip(self, answers, strict=True)
        }

    def _playgate_unsaved(self, events):
        """The values that this very change brings, and those that it takes away."""
        values = self.sudo().with_context(lang="en_US")._playgate_values()
        told = {each["name"] for each in events if each["kind"] == "field"}
        return {name: value for name, value in values.items() if value or name in told}

    # --- What comes of it ---

    def _playgate_made(self, before, answers):
        """Writes the verdicts to those that move, and keeps their moves."""
        if not self:
            return
        origin = "import" if self.env.context.get("import_file") else ""
        for lead in self:
            answer = answers[lead.id]
            lead._playgate_note(answer)
            self.env["playgate.move"].sudo().create(
                {
                    "lead_id": lead.id,
                    "from_stage": before[lead.id],
                    "to_stage": answer["stage"],
                    "decision": answer["decision"],
                    "origin": origin,
                }
            )
        self._playgate_confirm_later()

    def _playgate_note(self, answer):
        """Writes a verdict; the only way to write one."""
        super().write(
            {
                "playgate_verdict": answer["verdict"],
                "playgate_missing": "\n".join(answer["words"]) or False,
                "playgate_decision": answer["decision"],
                "playgate_asked_stage": answer["stage"],
                "playgate_asked_at": answer["at"],
            }
        )

    def _playgate_note_later(self, answers):
        """Writes the verdicts of what is refused once the change is taken back."""
        database, uid = self.env.cr.dbname, self.env.uid

        def note():
            try:
                with Registry(database).cursor() as cursor:
                    leads = api.Environment(cursor, uid, {})["crm.lead"].sudo()
                    for lead_id, answer in answers.items():
                        leads.browse(lead_id).exists()._playgate_note(answer)
            except psycopg2.Error as error:  # as where somebody changes it at this moment
                _logger.warning("a verdict of playgate could not be written: %s", error)

        self.env.cr.postrollback.add(note)

    def _playgate_confirm_later(self):
        """Tells playgate of moves once they are made, so that its record is never ahead."""
        waiting = self.env.cr.postcommit.data.setdefault(_CONFIRM, set())
        if not waiting:
            self.env.cr.postcommit.add(_confirming(self.env.cr.dbname, waiting))
        waiting.update(self.ids)

    def _playgate_confirm(self):
        """Sends the history of these; where playgate is away, the night does it."""
        histories = self.exists()._playgate_history()
        _, wrong = self._playgate_sent(histories)
        for each in wrong[:_MOST_TOLD]:
            _logger.warning("playgate could not take in an event: %s", each)

    @api.model
    def _playgate_sent(self, histories, seconds=None):
        """Sends histories, waiting so many seconds for an answer (default: as set); how many of
        their events were new, and what was wrong with others."""
        events = [each for told in histories.values() for each in told]
        if not events:
            return 0, []
        playbook = self.env["ir.config_parameter"].sudo().get_param("playgate_gate.playbook")
        path = f"/v1/import?playbook={wire.quote(playbook, safe='')}" if playbook else "/v1/import"
        server = self._playgate_server()
        return (server._replace(seconds=seconds) if seconds else server).send(path, events)

    # --- Words ---

    @api.model
    def _playgate_words(self, refused, answers):
        titles = self._playgate_titles()
        told = []
        for lead in refused:
            answer = answers[lead.id]
            title = titles.get(answer["stage"], answer["stage"])
            told.append(
                self.env._(
                    "%(lead)s may not move to %(stage)s yet:", lead=lead.display_name, stage=title
                )
            )
            told += answer["words"]
        return "\n".join(told)

    @api.model
    def _playgate_titles(self):
        stages = {
            each._playgate_name(): each.name for each in self.env["crm.stage"].sudo().search([])
        }
        return {**stages, "lost": self.env._("Lost")}

    @api.model
    def _playgate_tell(self, refused, answers):
        """Tells who changed several that some of them stayed where they were, and why."""
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "warning",
                "sticky": True,
                "title": self.env._("%s stayed where they were", len(refused)),
                "message": self._playgate_in_short(refused, answers),
            },
        )

    @api.model
    def _playgate_in_short(self, refused, answers):
        """A line for those who read it in passing: the first few with their first reason."""
        some = refused[:_MOST_TOLD]
        told = [
            f"{each.display_name}: {answers[each.id]['words'][0].lstrip('• ')}" for each in some
        ]
        more = len(refused) - len(some)
        return "; ".join([*told, *([self.env._("and %s more", more)] if more else [])])

    @api.model
    def _playgate_refuse_forged(self, vals):
        if any(name in vals for name in LOCKED):
            raise AccessError(self.env._("What the playbook's gate says, the gate alone writes."))


def _verdict(answer, is_open):
    if answer.get("kind") != "decision":
        wrong = answer.get("error")
        code = wrong.get("code") if isinstance(wrong, dict) else None
        return "unasked" if is_open and code not in _UNREADABLE else "refused"
    return "allowed" if answer["allowed"] else "refused"


def _confirming(database, waiting):
    def confirm():
        ids = sorted(waiting)
        waiting.clear()
        try:
            with Registry(database).cursor() as cursor:
                leads = api.Environment(cursor, SUPERUSER_ID, {})["crm.lead"]
                leads.browse(ids).exists()._playgate_confirm()
        except (wire.AwayError, wire.ToldError, psycopg2.Error) as error:
            _logger.warning("playgate could not be told of a move: %s", error)

    return confirm
