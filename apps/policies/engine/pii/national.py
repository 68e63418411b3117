"""National ids: one scheme a country, each by python-stdnum's own validator. Pure.

Most are digits with a check digit, which many other numbers pass: those need a name that agrees. A few hold a date of
birth or letters in fixed places and stand by themselves.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scheme:
    """`chance`: share of unrelated values of the same shape that pass. `lengths`: of the text, separators included."""

    name: str
    chance: float
    lengths: range
    is_valid: Callable[[str], bool]
    needs_name: bool = True

    def matches(self, value: str) -> bool:
        return len(value) in self.lengths and bool(self.is_valid(value))


def _scheme(name: str, chance: float, shortest: int, longest: int, *, needs_name: bool = True) -> Scheme:
    module = importlib.import_module(f"stdnum.{name}")
    return Scheme(name, chance, range(shortest, longest + 1), module.is_valid, needs_name)


SCHEMES: Final = (
    _scheme("it.codicefiscale", 0.01, 16, 16, needs_name=False),
    _scheme("mx.curp", 0.01, 18, 18, needs_name=False),
    _scheme("fi.hetu", 0.02, 11, 11, needs_name=False),
    _scheme("cn.ric", 0.02, 18, 18, needs_name=False),
    _scheme("es.dni", 0.05, 9, 10),
    _scheme("es.nie", 0.05, 9, 11),
    _scheme("fr.nir", 0.02, 15, 21),
    _scheme("de.idnr", 0.1, 11, 14),
    _scheme("nl.bsn", 0.1, 8, 11),
    _scheme("be.nn", 0.02, 11, 15),
    _scheme("br.cpf", 0.02, 11, 14),
    _scheme("pl.pesel", 0.1, 11, 11),
    _scheme("se.personnummer", 0.1, 10, 13),
    _scheme("dk.cpr", 0.3, 10, 11),
    _scheme("no.fodselsnummer", 0.02, 11, 12),
    _scheme("ie.pps", 0.05, 8, 9),
    _scheme("pt.cc", 0.05, 12, 15),
    _scheme("pt.nif", 0.1, 9, 11),
    _scheme("ch.ssn", 0.1, 13, 16),
    _scheme("gb.nhs", 0.1, 10, 12),
    _scheme("ca.sin", 0.1, 9, 11),
    _scheme("za.idnr", 0.1, 13, 13),
    _scheme("cl.rut", 0.1, 8, 12),
    _scheme("tr.tckimlik", 0.02, 11, 11),
    _scheme("ro.cnp", 0.1, 13, 13),
    _scheme("cz.rc", 0.1, 9, 11),
    _scheme("bg.egn", 0.1, 10, 10),
    _scheme("kr.rrn", 0.1, 13, 14),
    _scheme("my.nric", 0.3, 12, 14),
    _scheme("au.tfn", 0.1, 8, 11),
)
