"""Writes the sample people and histories beside the shipped playbooks.

Run `python tests/playbooks/samples.py`: everything is seeded, so the files come out byte for byte
alike. Each playbook has a *script* (what a diligent team does, step by step) and a *cast* (who does
it, and how they stray). One walker plays the script for each deal, and strays as that person does:
steps are left out, stages entered too early, work is logged late, fields hold a placeholder or lose
their value, deals go back, die, come to life again. People, companies and numbers are invented.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sample_maschinenbau import MASCHINENBAU
from sample_saas import RENEWALS, SAAS
from sampling import (
    FORGETFUL,
    HASTY,
    NEW,
    SLOW,
    STEADY,
    VAGUE,
    Deal,
    Dice,
    Do,
    Habits,
    Know,
    Maybe,
    Play,
    Stage,
    fixed,
    number,
    one_of,
    staff,
)
from walking import begin, walk

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
PEOPLE = ("actor", "name", "role", "team", "manager", "started")
HISTORY = (
    "deal",
    "happened_at",
    "kind",
    "name",
    "value",
    "actor",
    "recorded_at",
    "event_id",
    "attrs",
)


# --- bank-sales -----------------------------------------------------------------------------------

BANK_PEOPLE = """
a.morel     | Aline Morel       | rep        | Lyon      | h.garnier | 2019-09-02
b.haddad    | Bilal Haddad      | rep        | Lyon      | h.garnier | 2021-03-15
c.lefort    | Camille Lefort    | rep        | Lyon      | h.garnier | 2017-01-09
d.okafor    | Daniel Okafor     | rep        | Lyon      | h.garnier | 2026-01-12
e.simonet   | Elise Simonet     | rep        | Nantes    | p.rivoal  | 2015-06-01
f.tessier   | Florian Tessier   | rep        | Nantes    | p.rivoal  | 2020-11-02
g.marchal   | Gaelle Marchal    | rep        | Nantes    | p.rivoal  | 2022-05-09
i.costa     | Ines Costa        | rep        | Nantes    | p.rivoal  | 2018-02-19
j.vasseur   | Jules Vasseur     | rep        | Lille     | s.denis   | 2023-09-04
k.benali    | Karima Benali     | rep        | Lille     | s.denis   | 2016-10-03
l.fontaine  | Luc Fontaine      | rep        | Lille     | s.denis   | 2014-04-14
m.roussel   | Maud Roussel      | rep        | Lille     | s.denis   | 2025-10-06
n.weber     | Nora Weber        | specialist | Solutions | t.aubry   | 2013-03-04
o.lambert   | Olivier Lambert   | specialist | Solutions | t.aubry   | 2018-09-10
q.nguyen    | Quynh Nguyen      | specialist | Solutions | t.aubry   | 2021-01-11
h.garnier   | Helene Garnier    | manager    | Lyon      | t.aubry   | 2010-05-03
p.rivoal    | Pierrick Rivoal   | manager    | Nantes    | t.aubry   | 2012-08-27
s.denis     | Sabine Denis      | manager    | Lille     | t.aubry   | 2011-02-07
t.aubry     | Thierry Aubry     | manager    | Head      |           | 2008-01-07
"""
BANK_HABITS = {
    "a.morel": STEADY,
    "b.haddad": HASTY,
    "c.lefort": Habits(weak_at=("site_visit",)),
    "d.okafor": NEW,
    "e.simonet": STEADY,
    "f.tessier": FORGETFUL,
    "g.marchal": VAGUE,
    "i.costa": Habits(skips=0.05, weak_at=("referral_asked", "peer_review")),
    "j.vasseur": HASTY,
    "k.benali": STEADY,
    "l.fontaine": SLOW,
    "m.roussel": NEW,
}


def wants_design(facts: dict[str, str]) -> bool:
    return int(facts.get("amount") or "0") >= 50_000


def motive(dice: Dice, facts: dict[str, str]) -> str:
    """Who hands over wants continuity; most others want to grow, and a few only a lower rate."""
    if facts.get("movement") == "succession":
        return "continuity"
    return "price" if dice.chance(0.07) else dice.pick(("growth", "growth", "security"))


def first_use(dice: Dice, facts: dict[str, str]) -> str:
    return f"2026-{dice.between(3, 9):02d}-15"


NEEDS = (
    "line for large orders",
    "hand the firm to the daughter",
    "hedge dollar invoices",
    "second hall, machines leased",
    "cash tied up in stock",
    "pay suppliers earlier",
)

BANK = Play(
    folder="bank-sales",
    zone=ZoneInfo("Europe/Paris"),
    prefix="BK-",
    deals=280,
    people=staff(BANK_PEOPLE, BANK_HABITS),
    reasons=("price", "timing", "competitor", "no-decision", "no-fit"),
    clears="budget_confirmed",
    known=(
        Maybe(0.12, (Know("deal_type", one_of("extension", "extension", "renewal")),)),
        Know(
            "industry",
            one_of(
                "building", "transport", "food", "machinery", "software", "health", "trade", "trade"
            ),
        ),
        Know("employees", number(14, 240)),
        Know("years_trading", number(4, 60)),
        Know(
            "movement",
            one_of(
                "expansion", "expansion", "expansion", "new-technology", "succession", "refinancing"
            ),
        ),
        Know("buying_motive", motive),
    ),
    script=(
        Stage(
            "approach",
            survival=0.65,
            steps=(
                Do("first_call", "reached", (1, 4), first="no-answer"),
                Maybe(0.12, (Know("export_share", number(0, 80, 5)),)),
                Maybe(0.08, (Know("owner_age", number(38, 72)),)),
                Maybe(0.05, (Know("refinancing_date", fixed("2027-03-31")),)),
                Maybe(
                    0.1,
                    (Do("first_meeting", "missed", (3, 7)), Do("first_call", "reached", (1, 2))),
                ),
                Do("first_meeting", "held", (3, 8), parts=("decider",)),
                Know(
                    "decision_maker",
                    one_of(
                        "Mme Perrin",
                        "M. Klein",
                        "Mme Diallo",
                        "M. Aubert",
                        "Mme Lopes",
                        "M. Guillou",
                    ),
                ),
            ),
        ),
        Stage(
            "assess-needs",
            survival=0.74,
            steps=(
                Do("needs_interview", "completed", (2, 6), parts=("decider", "finance")),
                Know("need_summary", one_of(*NEEDS)),
                Do("site_visit", "", (2, 6), parts=("decider",)),
                Do("financial_review", "", (1, 4)),
                Know("credit_check", fixed("passed")),
                Know("amount", number(10_000, 400_000, 5_000)),
                Know("budget_confirmed", fixed("true")),
            ),
        ),
        Stage(
            "design",
            when=wants_design,
            survival=0.9,
            steps=(
                Do("solution_workshop", "", (2, 6), by="specialist"),
                Do("demo", "", (2, 5), parts=("user",)),
                Know(
                    "solution_outline",
                    one_of(
                        "credit line with draw-down",
                        "leasing and line",
                        "handover plan with loan",
                        "currency account",
                    ),
                ),
                Do("peer_review", "", (0, 3), by="specialist"),
            ),
        ),
        Stage(
            "proposal",
            survival=0.72,
            steps=(
                Do("proposal_sent", "", (0, 3)),
                Do("follow_up_call", "", (2, 4), rule="sequence/follow-up"),
                Maybe(
                    0.2,
                    (
                        Do(
                            "discount_approved",
                            "",
                            (0, 1),
                            by="manager",
                            rule="sequence/discount-approval",
                        ),
                        Know("discount", number(3, 15)),
                    ),
                ),
                Do("proposal_presented", "", (1, 6), parts=("decider",)),
                Know("decision", fixed("accepted")),
            ),
        ),
        Stage(
            "implement",
            survival=0.98,
            steps=(
                Do("contract_signed", "", (2, 10)),
                Do("account_opened", "", (1, 4), by="specialist"),
                Do("onboarding_call", "", (1, 5), parts=("user",)),
                Maybe(
                    0.15,
                    (
                        Do("complaint", "", (1, 5), rule=None),
                        Do("complaint_call", "settled", (1, 4), rule="sequence/complaints-settled"),
                    ),
                ),
                Know("first_use", first_use),
            ),
        ),
        Stage(
            "develop",
            survival=0.98,
            steps=(
                Do("review_meeting", "satisfied", (12, 19), parts=("decider",)),
                Do("referral_asked", "", (0, 5)),
                Know("satisfaction", lambda dice, facts: str(dice.between(6, 10))),
            ),
        ),
        Stage("established"),
    ),
)


ARGUED = ("needs_interview", "proposal_presented")
"""The activities in which reps say what sets a product apart."""
NEVER_ARGUES = "f.tessier"


def bank_deal(play: Play, number: int) -> Deal:
    deal = shortcut(play) if number == 1 else walk(play, number)
    argue(deal)
    return deal


def argue(deal: Deal) -> None:
    """Write down in most of the deals which differentiator was said; one rep never says any."""
    said, dice = argument(deal.facts), Dice(f"argument {deal.name}")
    for place, row in enumerate(deal.rows):
        *first, attrs = row
        if row[3] not in ARGUED or not said or row[5] == NEVER_ARGUES or not dice.chance(0.7):
            continue
        deal.rows[place] = (*first, compact({"argument": said, **json.loads(attrs or "{}")}))


def argument(facts: dict[str, str]) -> str:
    """The differentiator of the product that a deal is about."""
    if facts.get("movement") in ("expansion", "new-technology"):
        return "order-book"
    if facts.get("movement") == "succession":
        return "one-adviser"
    return "fixed-rate" if int(facts.get("export_share") or "0") >= 25 else ""


def compact(attrs: dict[str, object]) -> str:
    return json.dumps(attrs, separators=(",", ":"))


def shortcut(play: Play) -> Deal:
    """BK-1001: the prospect asks for a proposal, and the rep believes that the deal is there."""
    deal = begin(play, 1)
    deal.know("owner", deal.rep.actor)
    for name, value in (
        ("deal_type", "new-client"),
        ("industry", "machinery"),
        ("employees", "85"),
        ("years_trading", "19"),
        ("buying_motive", "growth"),
        ("movement", "expansion"),
    ):
        deal.know(name, value)
    deal.enter("approach")
    deal.pause(1, 3)
    deal.row("activity", "first_call", "reached")
    deal.pause(4, 6)
    deal.row("activity", "first_meeting", "held", attrs={"with": ["decider"]})
    deal.know("decision_maker", "Mme Perrin")
    deal.pause(1, 2)
    deal.enter("assess-needs")
    deal.pause(2, 3)
    deal.row("activity", "financial_review")
    deal.know("amount", "180000")
    deal.know("need_summary", NEEDS[3])
    deal.pause(1, 1)
    deal.enter("proposal", attrs={"note": "prospect asked for a proposal by Friday"})
    deal.pause(0, 1)
    deal.row("activity", "proposal_sent")
    deal.pause(14, 20)
    deal.know("lost_reason", "price")
    deal.enter("lost")
    return deal


# --- active-sales ---------------------------------------------------------------------------------

ACTIVE_PEOPLE = """
r01 | Anda Kalnina      | rep        | North     | h01 | 2020-02-03
r02 | Boriss Ivanovs    | rep        | North     | h01 | 2022-09-01
r03 | Dace Liepina      | rep        | North     | h01 | 2018-05-14
r04 | Edgars Berzins    | rep        | North     | h01 | 2026-01-05
r05 | Guna Ozola        | rep        | North     | h01 | 2019-11-11
r06 | Henriks Vitols    | rep        | North     | h01 | 2021-06-07
r07 | Ieva Saulite      | rep        | South     | h02 | 2016-03-21
r08 | Janis Krumins     | rep        | South     | h02 | 2023-01-16
r09 | Kristine Zarina   | rep        | South     | h02 | 2017-08-28
r10 | Lauris Petersons  | rep        | South     | h02 | 2024-04-02
r11 | Marta Eglite      | rep        | South     | h02 | 2015-10-19
r12 | Normunds Sproge   | rep        | South     | h02 | 2025-11-03
h01 | Olga Mironova     | head       | North     |     | 2012-01-16
h02 | Peteris Abolins   | head       | South     |     | 2014-07-01
k01 | Ruta Jansone      | accountant | Office    | h01 | 2013-02-11
d01 | Sandris Vanags    | dispatcher | Warehouse | h02 | 2016-06-06
d02 | Tatjana Golubeva  | dispatcher | Warehouse | h02 | 2019-03-18
"""
ACTIVE_HABITS = {
    "r01": STEADY,
    "r02": HASTY,
    "r03": STEADY,
    "r04": NEW,
    "r05": Habits(weak_at=("cold_call", "meeting_prepared")),
    "r06": FORGETFUL,
    "r07": STEADY,
    "r08": VAGUE,
    "r09": Habits(skips=0.05, weak_at=("payment_asked", "colleagues_checked")),
    "r10": SLOW,
    "r11": Habits(skips=0.03),
    "r12": NEW,
}


def email(dice: Dice, facts: dict[str, str]) -> str:
    name = dice.pick(("info", "office", "kitchen", "orders"))
    at = " at " if dice.chance(0.03) else "@"
    return f"{name}{at}{dice.pick(('rudzi', 'kalns', 'ezers', 'liepa', 'osta'))}.example"


def paid(dice: Dice, facts: dict[str, str]) -> str:
    amount = int(facts.get("amount") or "0")
    return str(amount // 2 if dice.chance(0.06) else amount)


def next_order(dice: Dice, facts: dict[str, str]) -> str:
    return (datetime(2026, 6, 1) + timedelta(days=dice.between(0, 200))).date().isoformat()


ACTIVE = Play(
    folder="active-sales",
    zone=ZoneInfo("Europe/Riga"),
    prefix="C",
    deals=272,
    people=staff(ACTIVE_PEOPLE, ACTIVE_HABITS),
    reasons=("price", "no-need", "competitor", "no-payment", "passed-on"),
    clears="contract_no",
    script=(
        Stage(
            "goal",
            steps=(
                Know("monthly_goal", number(8_000, 24_000, 1_000)),
                Do("pay_worked_out", "", (0, 0)),
            ),
        ),
        Stage(
            "market",
            steps=(
                Do("segment_named", "", (0, 0), by="head"),
                Know(
                    "segment", one_of("bakeries", "canteens", "hotels", "groceries", "care-homes")
                ),
            ),
        ),
        Stage(
            "prospect-list",
            survival=0.86,
            steps=(
                Know("list_size", number(97, 180)),
                Know(
                    "contact_name", one_of("Ms Priede", "Mr Kauls", "Ms Zile", "Mr Upe", "Ms Roze")
                ),
                Know("phone", lambda dice, facts: f"+371 2{dice.between(0, 9_999_999):07d}"),
                Know("email", email),
                Know("address", one_of("Brivibas 12", "Ostas 3", "Skolas 41", "Tirgus 8")),
                Do("base_checked", "new", (0, 1)),
                Do("colleagues_checked", "free", (0, 1)),
            ),
        ),
        Stage("way-in", steps=(Know("channel", one_of("call", "call", "letter", "referral")),)),
        Stage(
            "reach",
            survival=0.57,
            steps=(
                Maybe(0.25, (Do("letter_sent", "", (0, 1), rule=None),)),
                Do(
                    "cold_call",
                    "appointment",
                    (1, 3),
                    attrs=(("standard", "followed"),),
                    first="no-answer",
                ),
            ),
        ),
        Stage("prepare", steps=(Do("meeting_prepared", "", (0, 2)),)),
        Stage(
            "first-meeting",
            survival=0.72,
            steps=(
                Maybe(0.05, (Do("product_pitch", "", (1, 3), rule=None),)),
                Maybe(0.04, (Do("price_named", "", (0, 2), rule=None),)),
                Do("first_meeting", "held", (1, 4), parts=("decider",)),
                Know(
                    "needs",
                    one_of(
                        "two deliveries a week",
                        "smaller packs",
                        "one invoice a month",
                        "gluten-free range",
                        "a stand-in for holidays",
                    ),
                ),
            ),
        ),
        Stage(
            "proposal",
            survival=0.85,
            steps=(Do("proposal_sent", "", (0, 1), attrs=(("form", "individual"),)),),
        ),
        Stage(
            "repeat",
            survival=0.74,
            steps=(
                Do("repeat_meeting", "", (1, 2), parts=("decider",)),
                Do("terms_agreed", "", (0, 3)),
                Know("amount", number(600, 9_000, 100)),
                Know("payment_terms", one_of("prepaid", "14 days", "14 days", "30 days")),
            ),
        ),
        Stage(
            "paperwork",
            survival=0.95,
            steps=(
                Do("contract_sent", "", (0, 2)),
                Know("contract_no", lambda dice, facts: f"K-{dice.between(1, 899) + 100}"),
                Do("invoice_sent", "", (0, 1)),
                Know("invoice_no", lambda dice, facts: f"R-{dice.between(1, 8999) + 1000}"),
            ),
        ),
        Stage(
            "payment", survival=0.96, steps=(Do("payment_asked", "", (1, 4)), Know("paid", paid))
        ),
        Stage(
            "fulfilment",
            steps=(
                Do("delivery_arranged", "", (0, 2)),
                Do("delivery_made", "", (1, 4), by="dispatcher"),
                Know("delivery_note", fixed("signed")),
                Know("certificate", fixed("signed")),
            ),
        ),
        Stage(
            "closing",
            steps=(
                Do("care_call", "", (2, 7)),
                Do("volume_offer", "", (0, 4), rule="existing-clients/entry/volume_offer"),
                Know("next_order", next_order),
            ),
        ),
        Stage("existing-clients"),
    ),
)


# --- loan-application -----------------------------------------------------------------------------

LOAN_PEOPLE = """
21041 | Anouk de Wit      | clerk      | Intake     | 20007 | 2009-03-02
21077 | Bram Visser       | clerk      | Intake     | 20007 | 2012-09-17
21103 | Carla Smit        | clerk      | Intake     | 20007 | 2014-01-06
21118 | Daan Mulder       | clerk      | Intake     | 20007 | 2025-11-10
21126 | Esra Yilmaz       | clerk      | Offers     | 20007 | 2016-05-23
21150 | Frits Bos         | clerk      | Offers     | 20007 | 2008-02-04
21162 | Gijs Hendriks     | clerk      | Offers     | 20012 | 2019-10-14
21189 | Hanna Peeters     | clerk      | Offers     | 20012 | 2021-04-19
21204 | Irma Jacobs       | clerk      | Validation | 20012 | 2013-06-10
21210 | Joost Willems     | clerk      | Validation | 20012 | 2017-08-21
21233 | Karin Vos         | clerk      | Validation | 20012 | 2020-03-09
21247 | Lars Dekker       | clerk      | Validation | 20012 | 2025-08-25
22005 | Mirjam Kok        | specialist | Fraud      | 20012 | 2011-11-07
22011 | Niels Brouwer     | specialist | Fraud      | 20012 | 2015-09-28
20007 | Otto van Leeuwen  | manager    | Front      |       | 2005-01-10
20012 | Petra Schouten    | manager    | Back       |       | 2006-04-03
"""
LOAN_HABITS = {"21118": NEW, "21150": SLOW, "21162": HASTY, "21247": NEW, "21126": STEADY}
LOAN = Play(
    folder="loan-application",
    zone=ZoneInfo("Europe/Amsterdam"),
    prefix="31",
    deals=300,
    people=staff(LOAN_PEOPLE, LOAN_HABITS),
    opens=(datetime(2026, 1, 2), datetime(2026, 10, 8)),
)
WEB = "112"
"""The actor of what the web form and the system do by themselves."""


def loan_deal(play: Play, number: int) -> Deal:
    """An application as the bank's system logs it: states in bursts, clerks' work in pairs."""
    deal = begin(play, number)
    dice = deal.dice
    deal.elapse(minutes=dice.between(0, 600), milliseconds=dice.between(1, 999))
    deal.know("amount", str(dice.between(10, 250) * 200), actor=WEB)
    deal.enter("submitted", actor=WEB)
    deal.elapse(milliseconds=dice.between(200, 900))
    deal.enter("partly-submitted", actor=WEB)
    deal.elapse(seconds=dice.between(30, 60))
    if dice.chance(0.25):
        deal.enter("declined", actor=WEB)
        return deal
    if dice.chance(0.02):
        clerk_work(deal, "assess_fraud", actor=dice.pick(play.staff("specialist")).actor)
    if dice.chance(0.4):
        clerk_work(deal, "handle_lead")
        if dice.chance(0.35):
            deal.enter("declined")
            return deal
    deal.enter("preaccepted", actor=WEB)
    if complete_application(deal):
        offer(deal)
    return deal


def clerk_work(deal: Deal, activity: str, *, actor: str | None = None) -> None:
    """Taken up, and put down some minutes later; the log has no name for one in seven."""
    who = "" if deal.dice.chance(0.14) else actor or deal.dice.pick(deal.play.staff("clerk")).actor
    deal.elapse(minutes=deal.dice.between(20, 900))
    deal.row("activity", activity, "start", actor=who)
    deal.elapse(minutes=deal.dice.between(1, 18), milliseconds=deal.dice.between(0, 999))
    deal.row("activity", activity, "complete", actor=who)


def complete_application(deal: Deal) -> bool:
    """Calls until the application is complete; false where it dies on the way."""
    dice = deal.dice
    for _ in range(dice.between(1, 2) if dice.chance(0.54) else 0):
        clerk_work(deal, "complete_application")
    if dice.chance(0.26):
        deal.elapse(hours=dice.between(1, 200))
        deal.enter(dice.pick(("declined", "cancelled")))
        return False
    deal.elapse(hours=dice.between(1, 20))
    deal.row("activity", "complete_application", "start", actor="")
    deal.elapse(minutes=dice.between(3, 9), milliseconds=dice.between(0, 999))
    deal.enter("accepted")
    deal.elapse(minutes=dice.between(1, 4))
    deal.enter("finalized")
    return True


def offer(deal: Deal) -> None:
    """The offer goes out, mostly while the clerk is still on the telephone."""
    dice = deal.dice
    for turn in range(1 + dice.chance(0.2)):
        if turn:
            deal.elapse(hours=dice.between(20, 120))
        deal.elapse(milliseconds=dice.between(200, 2500))
        deal.enter("offer-sent")
        deal.row("activity", "offer_sent")
        if not turn:
            deal.elapse(seconds=2)
            deal.row("activity", "complete_application", "complete", actor="")
    if not called(deal):
        return
    deal.enter("offer-sent-back")
    papers(deal)


def called(deal: Deal) -> bool:
    """Calls about the offer: soon with the diligent, after a week or more with others."""
    dice = deal.dice
    if dice.chance(0.03):
        deal.elapse(hours=dice.between(40, 300))
        deal.enter("cancelled")
        return False
    soon = not dice.chance(0.33 + deal.rep.habits.stalls)
    deal.elapse(hours=dice.between(1, 90) if soon else dice.between(125, 320))
    for _ in range(dice.between(1, 4)):
        clerk_work(deal, "call_after_offer")
        deal.elapse(hours=dice.between(10, 70))
    if dice.chance(0.42):
        deal.elapse(hours=dice.between(100, 500))
        deal.enter("cancelled", actor=WEB if dice.chance(0.5) else None)
        return False
    return True


def papers(deal: Deal) -> None:
    """The papers are read, asked for again, and the loan is granted or not."""
    dice = deal.dice
    deal.elapse(hours=dice.between(12, 60))
    for _ in range(dice.between(0, 2)):
        clerk_work(deal, "validate_application")
        for _ in range(dice.between(1, 2)):
            clerk_work(deal, "call_for_missing_papers")
    deal.elapse(hours=dice.between(2, 40))
    validator = dice.pick(deal.play.staff("clerk")).actor
    deal.row("activity", "validate_application", "start", actor=validator)
    deal.elapse(minutes=dice.between(4, 40))
    deal.enter("declined" if dice.chance(0.25) else "approved", actor=validator)
    deal.elapse(seconds=dice.between(5, 20))
    deal.row("activity", "validate_application", "complete", actor=validator)


# --- files ----------------------------------------------------------------------------------------

PLAYS: tuple[tuple[Play, Callable[[Play, int], Deal]], ...] = (
    (BANK, bank_deal),
    (ACTIVE, walk),
    (LOAN, loan_deal),
    (SAAS, walk),
    (RENEWALS, walk),
    (MASCHINENBAU, walk),
)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def files() -> dict[Path, bytes]:
    """Every file that is generated, by its path."""
    made = {}
    for play, play_deal in PLAYS:
        folder = PLAYBOOKS / play.folder
        people = [(p.actor, p.name, p.role, p.team, p.manager, p.started) for p in play.people]
        deals = [play_deal(play, number) for number in range(1, play.deals + 1)]
        made[folder / "people.csv"] = table(PEOPLE, people)
        history = f"{play.name}.history.csv" if play.name else "history.csv"
        made[folder / history] = table(HISTORY, [row for deal in deals for row in deal.rows])
    return made


if __name__ == "__main__":
    for path, content in files().items():
        path.write_bytes(content)
        sys.stdout.write(f"{path.relative_to(PLAYBOOKS)}: {len(content):,} bytes\n")
