"""Vocabularies for names of tables and columns: English first, then German, French, Spanish, Italian, Dutch."""

from apps.policies.engine.pii.tokens import lexicon

TIME_WORDS = lexicon(
    "date time timestamp ts day datetime at on created updated modified epoch month week year utc when since until "
    "datum zeit zeitpunkt zeitstempel uhrzeit tag monat jahr erstellt heure jour mois annee horodatage "
    "fecha hora dia mes ano giorno mese anno tijd tijdstip dag maand jaar"
)
ID_WORDS = lexicon("id ids key uuid guid pk fk sk oid rowid identifier kennung schluessel cle clave chiave sleutel")
CODE_WORDS = lexicon("code nr no number num nummer numero numer sku isbn ean barcode ref reference referenz token hash")
FLAG_WORDS = lexicon("is has was can should flag enabled disabled active deleted verified aktiv actif activo attivo")
FLAG_PAIRS = (
    lexicon("y n"), lexicon("yes no"), lexicon("true false"), lexicon("t f"), lexicon("ja nein"), lexicon("ja nee"),
    lexicon("oui non"), lexicon("si no"), lexicon("0 1"), lexicon("on off"), lexicon("j n"),
    lexicon("o n"), lexicon("s n"),
)  # fmt: skip

TOTAL_WORDS = lexicon(
    "total totals grandtotal amount amt revenue sales turnover gmv paid payment value charge "
    "betrag gesamtbetrag gesamt summe umsatz erloes gesamtpreis rechnungsbetrag zahlbetrag "
    "montant chiffre recette ventes importe ingreso ingresos venta ventas monto importo totale fatturato ricavi "
    "bedrag omzet totaal mrr arr spend income proceeds deal"
)
PRICE_WORDS = lexicon("price unitprice listprice preis einzelpreis stueckpreis prix precio prezzo prijs msrp")
VAGUE_MONEY_WORDS = lexicon("value charge deal")
SUM_WORDS = lexicon("total totals totale totaal summe gesamt")
MONEY_WORDS = (
    TOTAL_WORDS
    | PRICE_WORDS
    | lexicon(
        "cost costs kosten cout coste costo fee fees gebuehr frais net gross netto brutto subtotal usd eur gbp "
        "cents cent "
        "salary gehalt salaire salario wage balance saldo budget profit margin money discount rabatt remise tax "
        "mwst vat "
        "tva iva steuer freight shipping versandkosten versand refund tip price"
    )
)
SECONDARY_MONEY_WORDS = lexicon(
    "cost costs kosten cout coste costo fee fees gebuehr frais tax mwst vat tva iva steuer freight shipping versand "
    "versandkosten discount rabatt remise refund refunded tip budget balance saldo limit target list msrp profit "
    "margin commission provision deposit goal quota standard"
)
NET_WORDS = lexicon("net netto subtotal sub before excl excluding ht ohne zwischensumme nett")
QUANTITY_WORDS = lexicon(
    "quantity qty units count counts menge anzahl stueckzahl quantite nombre cantidad quantita aantal hoeveelheid "
    "volume pieces items clicks impressions visits visitors pageviews views hits sessions hours minutes seconds "
    "duration bytes downloads installs signups orders tickets conversions steps kwh km miles distance likes shares "
    "besuche besucher aufrufe stunden visites visiteurs heures sold verkauft energy consumption verbrauch rainfall"
)
QUANTITY_OF_LINE = lexicon("quantity qty menge anzahl stueckzahl quantite cantidad quantita aantal hoeveelheid units")
DISCOUNT_WORDS = lexicon("discount rabatt remise descuento sconto korting nachlass")
NOT_ADDITIVE_WORDS = lexicon(
    "temperature temp temperatur humidity pressure voltage current speed latitude longitude lat lon lng rating score "
    "percent percentage pct ratio rate rank age alter price_index weight height width length depth altitude ph level "
    "battery rssi signal power watt cpu memory usage load celsius fahrenheit lux ppm co2 pm25 pm10 avg average mean "
    "median min max std stddev index probability confidence version position feuchte luftfeuchte druck stock instock "
    "capacity goals points grade gpa size"
)
ORDINAL_WORDS = lexicon(
    "year month week weekday dayofweek hour minute quarter day jahr monat woche stunde quartal annee mois semaine "
    "heure level tier priority class grade step stage rank position line floor room zip plz postal area code version "
    "seats bedrooms bathrooms stars age"
)
DIMENSION_WORDS = lexicon(
    "country region state city category type kind status channel source medium campaign plan tier segment platform "
    "device browser os brand department genre currency language gender market store method industry "
    "land stadt bundesland kategorie typ art kanal quelle abteilung marke filiale waehrung pays ville categorie statut "
    "canal source_type departement pais ciudad categoria estado tipo tienda paese citta regione team group gruppe "
    "carrier provider product priority role location site sensor event name action page"
)
BEST_DIMENSION_WORDS = lexicon(
    "country region category channel segment plan platform device type status product brand store market department "
    "land kategorie kanal pays categorie pais genre event source tier priority"
)
FREE_TEXT_WORDS = lexicon(
    "description comment comments notes note text body message content summary bio url uri link path image photo "
    "title subject reason remarks address beschreibung bemerkung kommentar notiz texte commentaire descripcion "
    "payload json query user_agent agent referrer referer"
)

GOOD_TIME_WORDS = lexicon(
    "event occurred order ordered invoice invoiced transaction sale sold purchase purchased visit session start "
    "started created paid payment booking booked reading recorded measured timestamp ts received sent date datum "
    "bestelldatum rechnungsdatum kaufdatum buchungsdatum auftragsdatum erstellt verkaufsdatum datetime zeitstempel "
    "commande facture vente achat pedido venta factura ordine opened open submitted reported placed posted logged "
    "time day zeitpunkt messzeit"
)
JOIN_TIME_WORDS = lexicon(
    "signup signed registered registration joined hired hire created since member start registriert eintritt "
    "eintrittsdatum einstellungsdatum anmeldung anmeldedatum inscription embauche registro alta creation erstellt"
)
WEAK_TIME_WORDS = lexicon(
    "updated modified deleted birth dob birthday geburtsdatum expiry expires expired expiration expire due required "
    "shipped ship shipping delivered delivery end ended ends cancel canceled cancelled closed resolved last next "
    "loaded ingested extracted sync synced etl until to valid renewal renews target deadline geaendert aktualisiert "
    "lieferdatum versanddatum faellig ende livraison expedition naissance entrega modifie leave termination "
    "terminated exit planned estimated archived seen login batched inserted promised"
)

PEOPLE_TABLES = lexicon(
    "user users customer customers client clients account accounts member members person people contact contacts "
    "employee employees staff patient patients student students subscriber subscribers lead leads applicant "
    "applicants guest guests passenger passengers profile profiles visitor visitors donor donors participant "
    "participants tenant tenants driver drivers agent agents worker workers teacher teachers player players company "
    "companies organization organizations organisation organisations merchant merchants seller sellers "
    "kunde kunden benutzer nutzer mitarbeiter mitglied mitglieder personal personen angestellte "
    "utilisateur utilisateurs clientes cliente salarie salaries employe employes adherent adherents usuario usuarios "
    "empleado empleados utente utenti clienti dipendenti klant klanten gebruiker gebruikers medewerker medewerkers"
)
TRANSACTION_TABLES = lexicon(
    "order orders invoice invoices sale sales payment payments transaction transactions purchase purchases booking "
    "bookings receipt receipts charge charges refund refunds donation donations trade trades expense expenses rental "
    "rentals reservation reservations billing checkout checkouts transfer transfers deposit deposits revenue "
    "orderdetails orderitems orderlines lineitem lineitems basket baskets redemption claims claim trips rides fares "
    "bestellung bestellungen rechnung rechnungen verkauf verkaeufe umsatz umsaetze zahlung zahlungen buchung buchungen "
    "auftrag auftraege bestellpositionen rechnungspositionen "
    "commande commandes facture factures vente ventes paiement paiements achat achats pedido pedidos venta ventas "
    "factura facturas pago pagos compra compras ordine ordini vendita vendite fattura fatture pagamento pagamenti "
    "bestelling bestellingen factuur facturen verkoop verkopen betaling betalingen"
)
LINE_TABLES = lexicon("details detail items item lines line positionen position lignes ligne lineas dettagli regels")
EVENT_TABLES = lexicon(
    "event events log logs click clicks pageview pageviews session sessions visit visits hit hits reading readings "
    "measurement measurements tracking activity activities message messages telemetry sensor sensors metrics metric "
    "impression impressions view views login logins call calls action actions request requests "
    "plays streams notification notifications interaction interactions attendance checkin checkins search searches "
    "heartbeat heartbeats alert alerts incident incidents observation observations weather traffic analytics web "
    "ereignis ereignisse protokoll messwert messwerte messung messungen besuche besuch sitzungen sitzung "
    "evenement evenements mesure mesures visite visites evento eventos registro registros lectura lecturas"
)
STATE_TABLES = lexicon(
    "subscription subscriptions status statuses history inventory stock snapshot snapshots ticket tickets contract "
    "contracts membership memberships case cases balance balances deal deals opportunity opportunities issue issues "
    "task tasks pipeline enrollment enrollments enrolment shipment shipments project projects loan loans policy "
    "policies assignment assignments campaign campaigns application applications licence licenses leases lease "
    "abonnement abonnements vertrag vertraege bestand lager lagerbestand lieferung lieferungen aufgabe aufgaben "
    "contrat contrats stocks suscripcion suscripciones contrato contratos inventario voorraad abonnementen"
)
CONFIG_TABLES = lexicon(
    "config configs configuration setting settings lookup lookups reference references ref type types category "
    "categories country countries plan plans product products region regions territory territories currency "
    "currencies mapping mappings param params parameter parameters code codes calendar department departments genre "
    "genres artist artists album albums track tracks playlist playlists media shipper shippers supplier suppliers "
    "vendor vendors store stores warehouse warehouses location locations city cities role roles permission permissions "
    "feature features flag flags rate rates tariff date dates kalender holidays job jobs brand brands tag "
    "tags channel channels zone zones device "
    "devices site sites article articles item dim dimension migrations metadata schema_version demographics "
    "einstellung einstellungen kategorie kategorien produkt produkte artikel land laender region abteilung abteilungen "
    "filiale filialen lieferant lieferanten waehrung produit produits categorie pays magasin magasins fournisseur "
    "fournisseurs producto productos categoria categorias pais paises proveedor proveedores prodotto prodotti "
    "producten categorieen landen leverancier leveranciers"
)
NOISE_TABLE_WORDS = lexicon(
    "dim fct fact stg raw tbl vw view src tmp mart bronze silver gold staging prod data table t f d"
)
