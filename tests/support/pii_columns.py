"""Makes the generated corpus of columns: invented values of many countries, with valid check digits and of no person.

`python -m tests.support.pii_columns` writes `tests/corpora/pii/generated.jsonl`, always the same. It knows nothing of
the recognisers: names are drawn from how schemas call such columns, some say nothing, some lie; a part of the values is
missing or dirty.
"""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import phonenumbers
from stdnum import luhn
from stdnum.br import cpf
from stdnum.de import idnr
from stdnum.es import dni
from stdnum.fi import hetu
from stdnum.iso7064 import mod_97_10
from stdnum.nl import bsn
from stdnum.pl import pesel

TARGET = Path(__file__).parents[1] / "corpora/pii/generated.jsonl"
VALUES = 40
FIRST = {
    "de": ["Jürgen", "Anke", "Heiko", "Wiebke", "Sören", "Gisela", "Torsten", "Ute"],
    "fr": ["Élodie", "Benoît", "Chloé", "Gaëtan", "Maëlle", "Thibault", "Inès", "Loïc"],
    "pl": ["Łukasz", "Małgorzata", "Paweł", "Agnieszka", "Krzysztof", "Żaneta"],
    "es": ["Íñigo", "Begoña", "Nuño", "Rocío", "Álvaro", "Lucía", "Matías"],
    "en": ["Oliver", "Amelia", "Harper", "Mason", "Freya", "Callum", "Siobhan"],
    "jp": ["太郎", "花子", "健一", "由美", "翔太"],
}
LAST = {
    "de": ["Müller", "Weißgerber", "Groß", "Köhler", "Schäfer", "Voß"],
    "fr": ["Lefèvre", "Dubois", "Gauthier", "Rousseau", "D'Arcy"],
    "pl": ["Wiśniewski", "Kowalczyk", "Zieliński", "Wójcik"],
    "es": ["Muñoz", "Ibáñez", "García-Lorca", "Peña"],
    "en": ["O'Neill", "Smith-Jones", "Baker", "Whitfield", "McAllister"],
    "jp": ["佐藤", "鈴木", "高橋", "田中"],
}
STREETS = {
    "de": ("{s}straße {n}", "{s}weg {n}a, 10115 Berlin", "Am {s} {n}"),
    "fr": ("{n} rue {s}", "{n} bis, avenue de {s}, 69001 Lyon"),
    "es": ("Calle {s} {n}", "C/ {s} {n}, 3º B"),
    "en": ("{n} {s} Street", "{n} {s} Ave, Apt 4", "Flat 2, {n} {s} Road"),
    "nl": ("{s}straat {n}", "{s}laan {n} 3011AB Rotterdam"),
    "it": ("Via {s} {n}", "Piazza {s}, {n}"),
    "pl": ("ul. {s} {n}/4",),
}
WORDS = [
    "Linden",
    "Bahnhof",
    "Garibaldi",
    "Victor",
    "Oak",
    "Maple",
    "Kerkhof",
    "Station",
    "Parma",
    "Nuevo",
    "Marszalkow",
    "Rosen",
]
REGIONS = ["US", "GB", "DE", "FR", "ES", "IT", "NL", "PL", "SE", "BR", "IN", "JP", "AU", "CH"]
Maker = Callable[[random.Random], str]


def mail(rng: random.Random) -> str:
    name = rng.choice(["a.b", "info", "j_doe", "max+news", "o'neil", "X99", "vorname.nachname"]) + str(
        rng.randrange(10**6)
    )
    place = rng.choice(["post", "mail.corp", "xn--bcher-kva", "uni-x"])
    return f"{name}@{place}.{rng.choice(['de', 'example', 'co.uk', 'com.br', 'jp'])}"


def phone(region: str, style: int) -> Maker:
    def make(rng: random.Random) -> str:
        kind = phonenumbers.PhoneNumberType.MOBILE
        base = phonenumbers.example_number_for_type(region, kind)
        assert base is not None
        while True:
            digits = str(base.national_number)
            changed = digits[:-5] + "".join(rng.choice("0123456789") for _ in range(5))
            number = phonenumbers.parse(changed, region)
            if phonenumbers.is_valid_number(number):
                return phonenumbers.format_number(number, style)

    return make


def card(rng: random.Random) -> str:
    prefix = rng.choice(["4", "51", "55", "2221", "37", "6011"])
    length = 15 if prefix == "37" else 16
    body = prefix + "".join(rng.choice("0123456789") for _ in range(length - 1 - len(prefix)))
    digits = body + luhn.calc_check_digit(body)
    return digits if rng.random() < 0.5 else " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def iban(rng: random.Random) -> str:
    country, length = rng.choice([("DE", 18), ("NL", 14), ("FR", 23), ("ES", 20), ("PL", 24)])
    body = "".join(rng.choice("0123456789") for _ in range(length))
    if country == "NL":
        body = rng.choice(["ABNA", "INGB", "RABO"]) + body[4:]
    return country + mod_97_10.calc_check_digits(body + country) + body


def ssn(rng: random.Random) -> str:
    return (
        f"{rng.choice([n for n in range(1, 899) if n != 666]):03}-{rng.randrange(1, 99):02}-{rng.randrange(1, 9999):04}"
    )


def address(rng: random.Random) -> str:
    return rng.choice(STREETS[rng.choice(list(STREETS))]).format(s=rng.choice(WORDS), n=rng.randrange(1, 250))


def person(rng: random.Random) -> str:
    tongue = rng.choice(list(FIRST))
    return f"{rng.choice(FIRST[tongue])} {rng.choice(LAST[tongue])}"


def born(style: str) -> Maker:
    return lambda rng: style.format(y=rng.randrange(1930, 2008), m=rng.randrange(1, 13), d=rng.randrange(1, 29))


def ip(rng: random.Random) -> str:
    if rng.random() < 0.3:
        return ":".join(f"{rng.randrange(1, 65535):x}" for _ in range(8))
    return ".".join(str(rng.randrange(1, 255)) for _ in range(4))


def until(valid: Callable[[str], bool], make: Maker) -> Maker:
    def found(rng: random.Random) -> str:
        while not valid(value := make(rng)):
            pass
        return value

    return found


def digits(count: int) -> Maker:
    return lambda rng: "".join(rng.choice("0123456789") for _ in range(count))


def spanish(rng: random.Random) -> str:
    body = digits(8)(rng)
    return body + dni.calc_check_digit(body)


def finnish(rng: random.Random) -> str:
    day = f"{rng.randrange(1, 29):02}{rng.randrange(1, 13):02}{rng.randrange(30, 99):02}"
    for letter in "0123456789ABCDEFHJKLMNPRSTUVWXY":
        value = f"{day}-{rng.randrange(2, 899):03}{letter}"
        if hetu.is_valid(value):
            return value
    return finnish(rng)


def version(rng: random.Random) -> str:
    return ".".join(str(rng.randrange(most)) for most in (9, 30, 9, 99))


PERSONAL: list[tuple[str, str, Maker, str]] = [
    *(
        ("email", "STRING", mail, name)
        for name in ("email", "E-Mail", "kontakt", "courriel", "correo_electronico", "col_7", "login")
    ),
    *(
        ("phone", "STRING", phone(region, style), name)
        for region in REGIONS
        for style, name in (
            (phonenumbers.PhoneNumberFormat.INTERNATIONAL, "contact"),
            (phonenumbers.PhoneNumberFormat.E164, "rufnummer"),
            (phonenumbers.PhoneNumberFormat.NATIONAL, "telefon"),
        )
    ),
    *(("payment_card", "STRING", card, name) for name in ("card_number", "pan", "Kreditkarte", "value_3", "cc")),
    *(("iban", "STRING", iban, name) for name in ("iban", "Kontonummer", "konto", "bank_details", "x")),
    *(("ssn", "STRING", ssn, name) for name in ("ssn", "social_security_number", "tax_ref")),
    *(("ip_address", "STRING", ip, name) for name in ("ip", "client_ip", "host", "remoteAddr", "peer")),
    *(
        ("date_of_birth", "STRING", born(style), name)
        for style, name in (
            ("{y}-{m:02}-{d:02}", "birth_date"),
            ("{d:02}.{m:02}.{y}", "Geburtsdatum"),
            ("{m}/{d}/{y}", "DOB"),
            ("{y}-{m:02}-{d:02}", "date_naissance"),
            ("{y}-{m:02}-{d:02}", "fecha_nacimiento"),
        )
    ),
    *(
        ("address", "STRING", address, name)
        for name in ("address", "Anschrift", "direccion", "street_line_1", "deliver_to")
    ),
    ("national_id", "STRING", until(idnr.is_valid, digits(11)), "steuer_id"),
    ("national_id", "STRING", until(bsn.is_valid, digits(9)), "bsn"),
    ("national_id", "STRING", until(pesel.is_valid, digits(11)), "PESEL"),
    ("national_id", "STRING", until(cpf.is_valid, digits(11)), "cpf"),
    ("national_id", "STRING", spanish, "dni"),
    ("national_id", "STRING", finnish, "henkilotunnus"),
    ("national_id", "STRING", finnish, "reference"),
]
HARMLESS: list[tuple[str, Maker, str]] = [
    ("STRING", digits(16), "order_no"),
    ("INT64", digits(9), "invoice"),
    ("STRING", digits(11), "tracking"),
    ("INT64", digits(10), "epoch"),
    ("STRING", version, "firmware_version"),
    ("STRING", lambda r: f"SKU-{r.randrange(10**6)}", "sku"),
    ("STRING", lambda r: f"{r.random():.6f}", "ratio"),
    ("STRING", lambda r: f"{r.getrandbits(128):032x}", "etag"),
    ("STRING", born("{y}-{m:02}-{d:02}"), "signed_on"),
    ("STRING", born("{d:02}.{m:02}.{y}"), "lieferdatum"),
    ("STRING", lambda r: r.choice(WORDS), "city"),
    ("STRING", lambda r: f"{r.choice(WORDS)} {r.choice(['GmbH', 'Ltd', 'S.A.', 'B.V.'])}", "supplier"),
    ("STRING", lambda r: f"https://x.example/{r.randrange(10**6)}", "link"),
    ("STRING", digits(13), "ean"),
    ("STRING", lambda r: f"{r.randrange(10, 99)}-{r.randrange(100, 999)}-{r.randrange(10)}", "part"),
    ("STRING", lambda r: f"{r.randrange(1, 99)} {r.choice(WORDS)} boxes", "packing"),
    ("STRING", lambda r: r.choice(["yes", "no", "ja", "nein"]), "email_opt_in"),
    ("STRING", lambda r: r.choice(WORDS) + ".pdf", "file_name"),
    ("STRING", lambda r: f"Room {r.randrange(1, 400)}", "room"),
    ("INT64", digits(6), "phone_model_id"),
    ("STRING", lambda r: f"@{r.choice(WORDS).lower()}", "handle"),
    ("STRING", digits(8), "customer_no"),
    ("STRING", lambda r: f"{r.choice('ABCDEF')}{r.randrange(10**7)}", "serial"),
    ("STRING", digits(12), "meter"),
    ("STRING", lambda r: f"{r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02}", "opens_at"),
]


def columns() -> Iterator[dict[str, Any]]:
    """Every column clean, with a tenth of it dirty, and with repeats; harmless ones as they are, twice."""
    rng = random.Random(20261125)
    for kind, type_, make, name in PERSONAL:
        for dirt in (0.0, 0.1, 0.3):
            values = [
                rng.choice(["n/a", "unknown", "-", "TBD 7"]) if rng.random() < dirt else make(rng)
                for _ in range(VALUES)
            ]
            yield {"name": name, "type": type_, "table": "records", "values": values, "kind": kind, "dirt": dirt}
    for type_, make, name in HARMLESS:
        for _ in range(2):
            values = [make(rng) for _ in range(VALUES)]
            yield {"name": name, "type": type_, "table": "records", "values": values, "kind": None, "dirt": 0.0}


def main() -> None:
    """Write the corpus."""
    TARGET.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in columns()), encoding="utf-8")


if __name__ == "__main__":
    main()
