"""The sample of `maschinenbau`, in German: offers that nobody explains, halls that nobody saw."""

from __future__ import annotations

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
    Words,
    days_after,
    number,
    one_of,
    staff,
)

PEOPLE = """
anna.huber     | Anna Huber      | vertrieb    | Süd          | lena.wagner  | 2018-03-01
bernd.koch     | Bernd Koch      | vertrieb    | Süd          | lena.wagner  | 2021-09-01
carla.vogt     | Carla Vogt      | vertrieb    | Süd          | lena.wagner  | 2016-01-04
dirk.neumann   | Dirk Neumann    | vertrieb    | Süd          | lena.wagner  | 2025-11-03
elif.demir     | Elif Demir      | vertrieb    | Süd          | lena.wagner  | 2019-05-06
frank.schulte  | Frank Schulte   | vertrieb    | Süd          | lena.wagner  | 2012-10-01
gesa.petersen  | Gesa Petersen   | vertrieb    | Nord         | uwe.jansen   | 2020-02-03
hannes.böhm    | Hannes Böhm     | vertrieb    | Nord         | uwe.jansen   | 2022-07-01
inge.krämer    | Inge Krämer     | vertrieb    | Nord         | uwe.jansen   | 2014-04-01
jan.willms     | Jan Willms      | vertrieb    | Nord         | uwe.jansen   | 2023-08-14
katja.seidel   | Katja Seidel    | vertrieb    | Nord         | uwe.jansen   | 2017-06-12
lars.otto      | Lars Otto       | vertrieb    | Nord         | uwe.jansen   | 2026-01-12
theo.maier     | Theo Maier      | technik     | Technikum    | lena.wagner  | 2011-09-05
vera.lindner   | Vera Lindner    | technik     | Technikum    | lena.wagner  | 2019-03-18
karla.roth     | Karla Roth      | kalkulation | Kalkulation  | uwe.jansen   | 2013-02-11
lena.wagner    | Lena Wagner     | leitung     | Süd          |              | 2009-07-01
uwe.jansen     | Uwe Jansen      | leitung     | Nord         |              | 2010-11-02
"""
HABITS = {
    "anna.huber": STEADY,
    "bernd.koch": HASTY,
    "carla.vogt": Habits(weak_at=("werksbesuch",)),
    "dirk.neumann": NEW,
    "elif.demir": STEADY,
    "frank.schulte": FORGETFUL,
    "gesa.petersen": Habits(weak_at=("angebot_erläutert", "nachgefasst")),
    "hannes.böhm": VAGUE,
    "inge.krämer": Habits(skips=0.03, weak_at=("rabatt_freigegeben",)),
    "jan.willms": SLOW,
    "katja.seidel": STEADY,
    "lars.otto": NEW,
}
LARGE = 200_000


def order_value(facts: dict[str, str]) -> int:
    return int(facts.get("auftragswert") or "0")


def down_payment(dice: Dice, facts: dict[str, str]) -> str:
    share = dice.between(15, 29) if dice.chance(0.08) else dice.pick((30, 30, 33, 40))
    return str(order_value(facts) * share // 100)


def discounted(facts: dict[str, str]) -> bool:
    return int(facts.get("rabatt") or "0") > 5


CHECKED = (
    Know("klärung_am", days_after("opened", 20, 60)),
    Do(
        "kalkulation_geprüft",
        "",
        (1, 4),
        by="kalkulation",
        rule="angebot/entry/kalkulation_geprüft",
    ),
)
"""What is done last before an offer."""

MASCHINENBAU = Play(
    folder="maschinenbau",
    zone=ZoneInfo("Europe/Berlin"),
    prefix="M-",
    deals=270,
    people=staff(PEOPLE, HABITS),
    words=Words(
        lost_reason="absagegrund",
        amount="auftragswert",
        user="einkauf",
        blanks=("offen", "k.A.", "-", "folgt"),
        no_reasons=("offen", "k.A.", "x"),
        excuses=(
            "Stammkunde, im letzten Jahr erledigt",
            "vom Kunden schriftlich so gewünscht",
            "beim selben Besuch mit erledigt",
            "in der Vertriebsrunde abgesprochen",
        ),
        stranger="rundschreiben",
        old_stage="vorklärung",
        about="rund 250 TEUR",
    ),
    lost="abgesagt",
    reasons=("Preis", "Lieferzeit", "Wettbewerb", "Vorhaben verschoben", "Technik"),
    clears="lastenheft",
    script=(
        Stage(
            "anfrage",
            survival=0.74,
            steps=(
                Maybe(
                    0.5,
                    (
                        Do("anfrage", "", (0, 0), rule=None),
                        Maybe(
                            0.8,
                            (Do("rückruf", "", (0, 0), rule="sequence/rückruf-in-vier-stunden"),),
                        ),
                    ),
                ),
                Do("rückruf", "", (1, 4)),
                Know(
                    "entscheider",
                    one_of("Frau Moser", "Herr Brandl", "Frau Thies", "Herr Kowalski", "Frau Lenz"),
                ),
                Know("land", one_of("Deutschland", "Deutschland", "EU", "Drittland")),
            ),
        ),
        Stage(
            "bedarf",
            survival=0.8,
            steps=(
                Do("bedarfsgespräch", "", (2, 6), parts=("entscheider",)),
                Do("werksbesuch", "", (3, 10), parts=("produktion",)),
                Know(
                    "lastenheft",
                    one_of(
                        "60 Takte, Schlauchbeutel",
                        "Kartonierer, drei Formate",
                        "Palettierer für zwei Linien",
                        "Schalen, gekühlt, 40 Takte",
                    ),
                ),
                Know("auftragswert", number(60_000, 900_000, 10_000)),
                Maybe(1.0, CHECKED, when=lambda facts: order_value(facts) < LARGE),
            ),
        ),
        Stage(
            "versuch",
            when=lambda facts: order_value(facts) >= LARGE,
            survival=0.9,
            steps=(
                Maybe(
                    0.15, (Do("mustertest", "nicht bestanden", (3, 8), by="technik", rule=None),)
                ),
                Do("mustertest", "bestanden", (4, 12), by="technik"),
                *CHECKED,
            ),
        ),
        Stage(
            "angebot",
            survival=0.7,
            steps=(
                Maybe(0.4, (Know("rabatt", number(2, 15)),)),
                Maybe(
                    1.0,
                    (
                        Do(
                            "rabatt_freigegeben",
                            "",
                            (0, 2),
                            by="leitung",
                            rule="sequence/nachlass-vor-angebot",
                        ),
                    ),
                    when=discounted,
                ),
                Do("angebot_versandt", "", (1, 4)),
                Do("nachgefasst", "", (2, 5), rule="sequence/nachfassen"),
                Do("angebot_erläutert", "", (2, 7), parts=("entscheider",)),
                Maybe(
                    0.25,
                    (
                        Do("angebot_versandt", "", (2, 6), rule=None),
                        Maybe(
                            0.5,
                            (
                                Do("angebot_versandt", "", (2, 6), rule=None),
                                Maybe(0.5, (Do("angebot_versandt", "", (2, 6), rule=None),)),
                            ),
                        ),
                    ),
                ),
            ),
        ),
        Stage(
            "verhandlung",
            survival=0.85,
            steps=(
                Maybe(0.2, (Know("rabatt", number(3, 12)),)),
                Know("anzahlung", down_payment),
                Know("liefertermin", days_after("klärung_am", 80, 200)),
                Maybe(
                    1.0,
                    (Do("ausfuhr_geprüft", "frei", (1, 6), rule="auftrag/entry/ausfuhr_frei"),),
                    when=lambda facts: facts.get("land") == "Drittland",
                ),
                Do("bestellung", "", (4, 15), rule="auftrag/entry/bestellung"),
                Do("auftragsbestätigung", "", (0, 3), rule="sequence/bestätigung"),
            ),
        ),
        Stage("auftrag"),
    ),
)
