"""The units that are taken off numbers: others ("4G", "12A", "3 mars") are part of a name.

Left out are single letters that stand more often for a series, a seat or a size than for a unit
(A, B, K, N, ...).
"""

import re

_SYMBOLS = "$ € £ ¥ ₹ ₩ ₽ ₺ ₪ US$ k€ M€ k$ M$"
_CURRENCIES = """
    EUR USD GBP CHF JPY CNY INR CAD AUD NZD SEK NOK DKK PLN CZK HUF RON BRL MXN ZAR KRW RUB TRY
    kr Rs euro euros dollar dollars
"""
_UNITS = """
    % ‰ ° °C °F ℃ ℉ deg rad ppm ppb
    nm µm μm um mm cm dm m km Km KM in inch inches ft feet yd mi mile miles
    ng µg μg mg g kg Kg KG kgs t tons tonnes lb lbs oz
    ns µs μs us ms s sec secs second seconds seconde secondes min mins minute minutes
    h hr hrs hour hours heure heures day days jour jours week weeks semaine semaines
    month months mois yr yrs year years an ans
    mm2 mm² cm2 cm² dm2 dm² m2 m² km2 km² ha acre acres ft2 ft² sqm sqft
    µl μl µL μL ml mL cl cL dl dL l L hl hL liter liters litre litres
    mm3 mm³ cm3 cm³ dm3 dm³ m3 m³ ft3 ft³ cc CC gal
    kmh kph mph kmpl mpg rpm tr l/100km L/100km
    W mW kW MW GW hp bhp ch cv J kJ MJ GJ Wh kWh MWh GWh TWh cal kcal
    Hz kHz MHz GHz mV V kV mA mAh Ah Pa hPa kPa MPa bar mbar psi Nm dB mol mmol µmol μmol
    bit bits kbit Mbit Gbit Kbps kbps Mbps Gbps byte bytes octet octets px
    kB KB MB GB TB PB KiB MiB GiB TiB ko Ko Mo Go To
"""


def _any_of(words: str) -> str:
    return "|".join(map(re.escape, words.split()))


_ONE = f"(?:{_any_of(_SYMBOLS + _CURRENCIES + _UNITS)})"
CURRENCY = f"(?:{_any_of(_SYMBOLS + _CURRENCIES)})"
"""Regular expression of a currency, which may stand before its number."""
UNIT = f"{_ONE}(?:/{_ONE})?"
"""Regular expression of a unit, or of one per another (km/h, mg/dL)."""
