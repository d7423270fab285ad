"""The samples of `saas`: discounts that grow once approved, dates that move, and renewals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sampling import (
    FORGETFUL,
    HASTY,
    NEW,
    SLOW,
    STEADY,
    VAGUE,
    Dice,
    Do,
    Habits,
    Know,
    Maybe,
    Play,
    Stage,
    Value,
    days_after,
    number,
    one_of,
    staff,
)

PEOPLE = """
aoife.byrne    | Aoife Byrne      | rep      | Mid-market | ruth.keane  | 2021-02-01
ben.carter     | Ben Carter       | rep      | Mid-market | ruth.keane  | 2023-05-08
chloe.dunne    | Chloe Dunne      | rep      | Mid-market | ruth.keane  | 2019-09-16
dev.patel      | Dev Patel        | rep      | Mid-market | ruth.keane  | 2025-11-03
ewa.nowak      | Ewa Nowak        | rep      | Mid-market | ruth.keane  | 2020-03-02
finn.murphy    | Finn Murphy      | rep      | Mid-market | ruth.keane  | 2022-08-22
grace.obi      | Grace Obi        | rep      | Enterprise | tom.hughes  | 2018-01-15
hugo.martins   | Hugo Martins     | rep      | Enterprise | tom.hughes  | 2020-10-05
isla.reid      | Isla Reid        | rep      | Enterprise | tom.hughes  | 2017-04-24
jonas.lang     | Jonas Lang       | rep      | Enterprise | tom.hughes  | 2024-06-10
kofi.mensah    | Kofi Mensah      | rep      | Enterprise | tom.hughes  | 2019-07-01
lea.fischer    | Lea Fischer      | rep      | Enterprise | tom.hughes  | 2026-01-12
maeve.kelly    | Maeve Kelly      | engineer | Solutions  | tom.hughes  | 2018-11-05
noah.berg      | Noah Berg        | engineer | Solutions  | tom.hughes  | 2021-09-13
olga.petrova   | Olga Petrova     | desk     | Deal desk  | ruth.keane  | 2019-02-18
paul.quinn     | Paul Quinn       | success  | Customers  | una.walsh   | 2020-06-15
rosa.silva     | Rosa Silva       | success  | Customers  | una.walsh   | 2022-01-10
sean.daly      | Sean Daly        | success  | Customers  | una.walsh   | 2023-03-20
tara.lynch     | Tara Lynch       | success  | Customers  | una.walsh   | 2025-09-01
ruth.keane     | Ruth Keane       | manager  | Mid-market |             | 2016-05-09
tom.hughes     | Tom Hughes       | manager  | Enterprise |             | 2015-10-19
una.walsh      | Una Walsh        | manager  | Customers  |             | 2017-08-28
"""
HABITS = {
    "aoife.byrne": STEADY,
    "ben.carter": HASTY,
    "chloe.dunne": Habits(weak_at=("meeting",)),
    "dev.patel": NEW,
    "ewa.nowak": STEADY,
    "finn.murphy": FORGETFUL,
    "grace.obi": STEADY,
    "hugo.martins": Habits(weak_at=("discount_approved",)),
    "isla.reid": Habits(skips=0.03, weak_at=("security_review",)),
    "jonas.lang": VAGUE,
    "kofi.mensah": SLOW,
    "lea.fischer": NEW,
    "rosa.silva": STEADY,
    "sean.daly": FORGETFUL,
    "tara.lynch": NEW,
}
CONTACTS = {
    "champion": ("Ms Lind", "Mr Okoro", "Ms Haas", "Mr Dubois"),
    "user": ("Mr Aho", "Ms Costa", "Mr Young", "Ms Perera"),
    "economic-buyer": ("Ms Brandt", "Mr Sato", "Ms Nyberg", "Mr Rossi"),
}
FOLDER = "saas"
ZONE = ZoneInfo("Europe/Dublin")
STAFF = staff(PEOPLE, HABITS)


def contact(part: str) -> Value:
    """Who plays a part in the deal: the same person each time."""

    def known(dice: Dice, facts: dict[str, str]) -> str:
        return facts.setdefault(f"contact: {part}", dice.pick(CONTACTS[part]))

    return known


def meeting(part: str, rule: str | None, days: tuple[int, int] = (1, 4)) -> Do:
    attrs = (("contact", contact(part)),)
    return Do("meeting", "", days, parts=(part,), attrs=attrs, rule=rule)


def percent(facts: dict[str, str]) -> int:
    return int(facts.get("discount") or "0")


def between(low: int, high: int) -> Callable[[dict[str, str]], bool]:
    """Deals whose discount lies in a range."""
    return lambda facts: low <= percent(facts) <= high


def raised(dice: Dice, facts: dict[str, str]) -> str:
    return str(min(40, percent(facts) + dice.between(2, 9)))


def list_price(dice: Dice, facts: dict[str, str]) -> str:
    share = 185 if dice.chance(0.04) else dice.between(100, 150)
    return str(int(facts.get("amount") or "0") * share // 100)


PUSH = Know("close_date", days_after("close_date", 14, 45))
APPROVED = (
    Maybe(
        1.0,
        (Do("discount_approved", "", (0, 1), by="desk", rule="contract/entry/discount_covered"),),
        when=between(11, 25),
    ),
    Maybe(
        1.0,
        (Do("discount_approved", "", (0, 2), by="manager", rule="sequence/discount-approval"),),
        when=between(26, 40),
    ),
)

SAAS = Play(
    folder=FOLDER,
    zone=ZONE,
    prefix="S-",
    deals=272,
    people=STAFF,
    reasons=("price", "timing", "competitor", "no-decision", "no-decision", "security"),
    clears="close_date",
    script=(
        Stage(
            "discovery",
            survival=0.72,
            steps=(
                Maybe(
                    0.4,
                    (
                        Do("demo_requested", "", (0, 0), rule=None),
                        Maybe(
                            0.75, (Do("email_answered", "", (0, 0), rule="sequence/lead-answered"),)
                        ),
                    ),
                ),
                Do("discovery_call", "", (1, 5)),
                Know(
                    "pain",
                    one_of(
                        "month-end takes nine days",
                        "two systems, two truths",
                        "audit found gaps",
                        "orders are typed twice",
                    ),
                ),
                Maybe(0.7, (Know("metrics", one_of("four days saved", "one clerk", "2 % fewer")),)),
            ),
        ),
        Stage(
            "demo",
            survival=0.76,
            steps=(
                meeting("champion", "demo/activity/three-people"),
                Do("demo", "", (2, 7), parts=("user", "champion")),
                Know("decision_criteria", one_of("audit trail", "price per seat", "time to start")),
                meeting("user", "demo/activity/three-people"),
                meeting("champion", None, (1, 3)),
                Know("amount", number(9_000, 160_000, 1_000)),
                Know("list_price", list_price),
                Know("close_date", days_after("opened", 70, 130)),
                meeting("economic-buyer", "demo/activity/three-people"),
                Know("decision_process", one_of("board in April", "head of finance alone")),
                Maybe(0.8, (Know("competition", one_of("spreadsheets", "the one they have")),)),
                Maybe(
                    1.0,
                    (Do("criteria_agreed", "", (1, 3), rule="proof/entry/criteria_agreed"),),
                    when=lambda facts: int(facts.get("amount") or "0") >= 50_000,
                ),
            ),
        ),
        Stage(
            "proof",
            when=lambda facts: int(facts.get("amount") or "0") >= 50_000,
            survival=0.85,
            steps=(
                Maybe(0.3, (PUSH,)),
                Maybe(0.1, (Do("proof_ended", "failed", (5, 12), by="engineer", rule=None),)),
                Do("proof_ended", "passed", (8, 24), by="engineer"),
            ),
        ),
        Stage(
            "proposal",
            survival=0.75,
            steps=(
                Know("paper_process", one_of("legal takes two weeks", "purchase order, no more")),
                Maybe(0.55, (Know("discount", number(2, 32)),)),
                *APPROVED,
                Do("proposal_sent", "", (0, 3)),
                meeting("economic-buyer", "proposal/activity/walked-through"),
                Do("security_review", "passed", (2, 8), parts=("security",)),
                Maybe(
                    0.45,
                    (
                        PUSH,
                        Maybe(
                            0.5,
                            (
                                PUSH,
                                Maybe(
                                    0.5,
                                    (PUSH, Maybe(0.3, (Do("deal_review", "", (1, 3), rule=None),))),
                                ),
                            ),
                        ),
                    ),
                ),
                Maybe(
                    0.3,
                    (
                        Know("discount", raised),
                        Maybe(0.6, APPROVED),
                        Do("proposal_sent", "", (0, 1), rule=None),
                    ),
                    when=between(5, 40),
                ),
            ),
        ),
        Stage(
            "contract",
            survival=0.93,
            steps=(
                Do("contract_read", "", (1, 5), by="desk"),
                Do("contract_signed", "", (2, 12), rule="won/entry/contract_signed"),
            ),
        ),
        Stage("won"),
    ),
)

RENEWALS = Play(
    folder=FOLDER,
    name="renewals",
    seller="success",
    zone=ZONE,
    prefix="R-",
    deals=270,
    people=STAFF,
    opens=(datetime(2026, 1, 5), datetime(2026, 8, 14)),
    lost="churned",
    reasons=("price", "competitor", "no-use", "no-use"),
    clears="seats",
    known=(
        Know("amount", number(4_000, 90_000, 1_000)),
        Know("list_price", list_price),
        Know("contract_end", days_after("opened", 95, 150)),
    ),
    script=(
        Stage(
            "due",
            survival=0.95,
            steps=(
                Do("usage_checked", "", (1, 8)),
                Know("usage", one_of("rising", "steady", "steady", "falling")),
                Know("seats", number(3, 120)),
                Maybe(
                    1.0,
                    (Do("rescue_call", "", (1, 7), rule="sequence/falling-use"),),
                    when=lambda facts: facts.get("usage") == "falling",
                ),
            ),
        ),
        Stage(
            "review",
            when=lambda facts: int(facts.get("amount") or "0") >= 20_000,
            survival=0.95,
            steps=(
                Do(
                    "business_review",
                    "",
                    (3, 12),
                    parts=("economic-buyer",),
                    attrs=(("contact", contact("economic-buyer")),),
                ),
                meeting("champion", "review/activity/two-people"),
            ),
        ),
        Stage(
            "offer",
            survival=0.9,
            steps=(
                Maybe(0.4, (Know("discount", number(2, 30)),)),
                Maybe(
                    1.0,
                    (Do("discount_approved", "", (0, 1), by="manager", rule=None),),
                    when=between(11, 40),
                ),
                Do("proposal_sent", "", (0, 4)),
                Maybe(
                    0.15,
                    (Know("discount", raised), Do("proposal_sent", "", (0, 1), rule=None)),
                    when=between(5, 40),
                ),
                Do("contract_signed", "", (4, 20), rule="renewed/entry/contract_signed"),
            ),
        ),
        Stage("renewed"),
    ),
)
