"""What a column's name alone suggests. Whole words are compared, so `email_verified` and `ip` in `zip` do not match."""

from itertools import pairwise

from apps.policies.engine.pii.tokens import joined, lexicon, tokens
from apps.policies.engine.pii.verdict import PiiKind

_WORDS: dict[PiiKind, frozenset[str]] = {
    PiiKind.EMAIL: lexicon("email emails mail emailaddress mailaddress courriel correo"),
    PiiKind.PHONE: lexicon(
        "phone phones telephone tel mobile cell cellphone fax msisdn whatsapp telefon telefonnummer handy handynummer "
        "mobil mobilnummer telefone telefono portable rufnummer phonenumber mobilenumber"
    ),
    PiiKind.PAYMENT_CARD: lexicon("creditcard cardnumber ccnumber ccnum pan kreditkarte kartennummer"),
    PiiKind.SSN: lexicon("ssn socialsecurity socialsecuritynumber"),
    PiiKind.IBAN: lexicon("iban kontonummer bankaccount accountiban"),
    PiiKind.IP_ADDRESS: lexicon("ip ipaddress ipaddr ipv remoteaddr clientip remoteip"),
    PiiKind.DATE_OF_BIRTH: lexicon(
        "dob birth birthdate birthday dateofbirth geburtsdatum geburtstag naissance datenaissance nacimiento "
        "fechanacimiento geboortedatum nascita birthyear yearofbirth born"
    ),
    PiiKind.ADDRESS: lexicon(
        "address street streetaddress addressline addr adresse anschrift strasse rue calle direccion indirizzo "
        "hausnummer zip zipcode postcode postalcode postal plz codepostal postleitzahl"
    ),
    PiiKind.PERSON_NAME: lexicon(
        "firstname lastname surname fullname forename givenname familyname middlename maidenname contactname "
        "customername employeename username nickname vorname nachname familienname prenom nomfamille apellido "
        "apellidos cognome voornaam achternaam cardholder"
    ),
    PiiKind.NATIONAL_ID: lexicon(
        "passport passportnumber nationalid taxid tin steuerid steueridnr nino bsn cpf dni nif aadhaar aadhar "
        "codicefiscale insee personnummer driverlicense driverslicense licensenumber svnr sozialversicherungsnummer "
        "ausweisnummer pesel hetu henkilotunnus cpr cprnummer fodselsnummer pps ppsn nif niss rijksregisternummer ahv "
        "avs ahvnummer nhs nhsnumber sinnumber socialinsurancenumber curp rut rrn cnp egn nric tfn tckimlik kimlikno "
        "rodnecislo amka idnumber identitynumber nationalidnumber personalidnumber identificationnumber personnumber"
    ),
    PiiKind.CREDENTIAL: lexicon(
        "password passwd pwd passwort motdepasse passwordhash secret apikey accesstoken refreshtoken privatekey pin "
        "authtoken"
    ),
    PiiKind.LOCATION: lexicon("latitude longitude lat lon lng geolocation latlng latlon"),
}
_ABOUT_NOT_IS = lexicon(
    "verified verify valid count counts num has is flag status type kind opt optin consent sent enabled domain format "
    "provider subject template campaign clicks opens bounced sms version channel rate score preference label"
)
PEOPLE = lexicon(
    "user users customer customers client clients kunde kunden employee employees person people contact contacts "
    "member members patient patients student students subscriber subscribers mitarbeiter utilisateur utilisateurs "
    "staff lead leads applicant applicants guest guests passenger passengers artist author salarie salaries"
)
_NOT_POSTAL = lexicon("file archive path url ip email mail mac wallet web memory contract hash bitcoin eth")


def suggests(name: str, *, table: str = "") -> PiiKind | None:
    """The kind of personal data that the name of a column suggests, if any."""
    words = tokens(name)
    if not words or _ABOUT_NOT_IS & set(words) or (words[-1] in {"id", "key"} and not _is_identity(name)):
        return None
    candidates = {*words, joined(name), *("".join(pair) for pair in pairwise(words))}
    for kind, known in _WORDS.items():
        if candidates & known and not (kind is PiiKind.ADDRESS and set(words) & _NOT_POSTAL):
            return kind
    return PiiKind.PERSON_NAME if _is_name_of_a_person(words, table) else None


def _is_identity(name: str) -> bool:
    return joined(name) in _WORDS[PiiKind.NATIONAL_ID] | _WORDS[PiiKind.CREDENTIAL]


def _is_name_of_a_person(words: tuple[str, ...], table: str) -> bool:
    if words in {("name",), ("nom",), ("nombre",)}:
        return bool(PEOPLE & set(tokens(table)))
    return len(words) == 2 and words[1] == "name" and words[0] in PEOPLE
