"""Names that people say for places in Nieuw-West, with the codes of the neighbourhoods in which each lies.

Squares, parks, streets, estates, stations, shops, hospitals, old names, and the building projects of the programme
"Samen Nieuw-West" (annex 3). A border street has the neighbourhoods on both sides, the likeliest first. Only what is
known for sure stands here: a place that is missing is asked about, a wrong one sends a report to the wrong people.
"""

from __future__ import annotations

from collections.abc import Mapping

# Codes: names, with a bar between.
_LINES = """
FK03 FK01 FK02 FK04 FK05 FJ01 FJ02 FJ03 FJ04 FH01 FH02 FF01 FF02 FF03: Osdorp
FJ01 FJ02 FJ03 FJ04: Osdorp-Midden
FK01 FK02 FK03 FK04 FK05: Osdorp-Oost
FK03: Osdorp centrum | Osdorpplein | Winkelcentrum Osdorpplein | Meervaart | De Meervaart | Theater De Meervaart
FK03: Stadsloket Nieuw-West | Stadsdeelkantoor Osdorp | OBA Osdorp | Bibliotheek Osdorp | MIX Amsterdam | SuHa
FK03: SuHa III | SuHa twins | Wilhelmina Bladergroenstraat | Van Suchtelen van de Haarestraat
FK03: Martini van Geffenstraat | Ruimzicht | Osdorp meydanı | ساحة أوسدورب | أوسدورب بلاين
FH02 FH01: De Punt
FG03 FG02 FG01: De Aker | Aker | Osdorp De Aker | Middelveldse Aker | دي آكر
FC01 FC02 FC03 FD01 FD02 FD03 FD04 FE01 FE02 FE03 FE04: Slotermeer | سلوترمير
FB03 FB05 FB06 FB07 FB08 FB02 FB04 FB01: Geuzenveld | خيوزنفيلد
FL01 FL02 FL03 FM01 FM02 FM03 FM04 FM05 FM06 FN01 FN02 FN03 FN04 FP01 FP02 FP03 FP04 FP05 FP06: Slotervaart
FL01 FL02 FL03 FM01 FM02 FM03 FM04 FM05 FM06 FN01 FN02 FN03 FN04 FP01 FP02 FP03 FP04 FP05 FP06: سلوترفارت
FM01 FM02 FM03 FM04 FM05 FM06: Overtoomse Veld | Overtoomseveld | O'veld
FP01 FP02 FP03 FP04 FP05 FP06: Westlandgracht
FA08 FA05 FA04 FA03 FA02 FA01 FA06 FA07: Sloterdijk | سلوترديك
FA08: Teleport | Orlyplein | Carrascoplein | Station Sloterdijk | Amsterdam Sloterdijk | Cornelius Haga Lyceum
FA08: Crossroads | La Schlucht | Arlandaweg | La Guardiaweg | Kingsfordweg | Barajasweg | Changiweg
FA06 FA07: De Bretten | Bretten | Brettenzone
FA01: De Heining
FQ01: Sloten | Oud Sloten | Sloten dorp | Dorpsplein Sloten | Natuurpark Vrije Geer | Molen van Sloten | Sloterkerkje
FQ01: Ditlaar | Langsom
FQ02 FQ03 FQ04 FQ05 FQ06: Nieuw Sloten | Nieuw-Sloten
FL01: Oostoever | Kröller-Müllerpark | Hermitagelaan | Alhambralaan | Guggenheimlaan | Uffizilaan
FE03: Noordoever | Van Eesteren Museum | Dorus Rijkershof | Dorus Rijkers | Noordzijde
FB02: Eendracht | Willem Dreesplantsoen | J.M. den Uylstraat | Den Uylstraat
FF03: Lutkemeer | Lutkemeerpolder | Lutkemeerpark
FB01 FF01 FF03: Tuinen van West
FB01: Osdorper Binnenpolder | Park De Kuil
FF01: Osdorper Bovenpolder
FQ09: Riekerpolder | John M. Keynesplein | Keynesplein | Hotel Artemis
FP06: Riekerhaven | Startblok Riekerhaven | Overschiestraat
FQ10: Nieuwe Meer | De Nieuwe Meer | De Oeverlanden | Oeverlanden | Oude Haagseweg
FK01: Wildemanbuurt | De Wildeman | Wildemanbuurt Noord | Braak en Bosch | Beek en Hoff | Klarenburg | Groenehuyzen
FK01: Bullepad | Boutenburg
FJ01: Reimerswaalbuurt | Reimerswaalplein
FM06: Johan Jongkind | Jongkindbuurt | Johan Jongkindstraat
FL03: Jacob Geel | Comenius Lyceum | Jacob Geelbuurt Oost | Jacob Geelstraat
FC02: Lodewijk van Deyssel | Van Deysselbuurt | Lodewijk van Deysselstraat | Van Deysselstraat
FC03: Confucius | Confuciusplein | Thomas a Kempis | Hof van Descartes | Rousseaubuurt | Van Hemertblok
FE02: Couperusbuurt | Couperus | Louis Couperusstraat
FE01: Dichtersbuurt | Dichters
FB08: Wegener Sleeswijk | Ruyghavenkwartier | Adriaan van Swietenhof
FB03: Ruys de Beerenbrouck | Louis de Visserplein | De Nieuwe Geus | Ruys de Beerenbrouckstraat | Cabeliaustraat
FB05: Van Tijen
FB07: Bakema | OBA Geuzenveld | Bibliotheek Geuzenveld
FB06: Dudok | Nolensstraat Zuid
FC01: Jan de Louter | OBA Slotermeer | Bibliotheek Slotermeer | Bernard Loderstraat | Jan de Louterstraat
FC01: Struijckenkade | Anthony Moddermanstraat | Moddermanstraat
FL02: Hemsterhuisbuurt | Van Meterenbuurt | Hervormd Lyceum West | Emanuel van Meterenstraat | Hemsterhuisstraat
FL02: Comeniusstraat | Sloterhof
FP01: Schipluiden
FP04 FP05: Delflandbuurt | Delflandpleinbuurt | Delflandplein | Delflandlaan
FJ03 FJ04: Zuidwestkwadrant
FB08 FB07 FC02 FC03: Roëllbuurt | Röellbuurt
FC01 FE01 FC02 FD04 FD01: Plein 40-45 | Plein '40-'45 | Plein 4045 | Markt Plein 40-45
FM04 FM02: August Allebéplein | Allebéplein
FB07 FB06: Lambertus Zijlplein | Zijlplein
FH02: Dijkgraafplein | Wierdestraat
FN01 FL02: Sierplein
FP02: Koningin Wilhelminaplein | Kon. Wilhelminaplein | Wilhelminaplein | World Fashion Centre | Oku House
FN04: Staalmanplein | Staalmanpark | Casa Sofia | Plesman Plaza | Ottho Heldringstraat | Aletta Jacobslaan
FQ05: Belgiëplein | Winkelcentrum Belgiëplein
FG03: Ecuplein | Forintplantsoen | Corfuplantsoen | Winkelcentrum Dukaat | Dukaat
FG01: Joop Woortmanplein | Seifertplein | Mahatma Gandhilaan
FK04: Dwaze Moedersplein
FE04 FL01 FE03 FK02 FL02: Sloterplas | Sloterplas gölü | سلوتربلاس
FE04 FE03 FL02: Sloterpark
FB04: Eendrachtspark
FD04: Gerbrandypark | Cinema De Vlugt | Bioscoop De Vlugt | Dobbebuurt fase 2
FM05 FM03: Rembrandtpark
FJ03: Stadspark Osdorp | Nierkerkestraat | Wolbrantskerkweg
FJ02: Botteskerkpark | Botteskerksingel
FK05: Piet Wiedijkpark | C.K. Eloutstraat | Piet Wiedijkstraat
FJ04: Jan van Zutphenplantsoen | Koos Vorrinkweg | Jan van Zutphenstraat
FQ03: Kasterleepark | Maaseikpad | Aarschotpad
FQ07: Siegerpark | Sportpark Sloten | Golfbaan Sloten | Velodrome
FQ01 FQ02: Vrije Geer
FG02: Iseoplantsoen | La Meye | Presanella
FH01: Henriette Schwarzpark | Nike Factory Store Osdorp | Zuidermolenweg
FM04: Marius Bauerplantsoen | Opportuna | Anton Waldorpstraat | Marius Bauerstraat
FQ02 FQ04: Oudenaardeplantsoen
FP01 FM06 FN02 FL03: Station Lelylaan | Amsterdam Lelylaan
FP01 FM06 FN02 FL03 FL02 FN01 FK03 FK04: Lelylaan | Cornelis Lelylaan
FM02 FM04 FL01 FL03: Metro Postjesweg
FP02 FP04 FN02 FN04: Metro Heemstedestraat
FP04 FP06 FN04: Metro Henk Sneevlietweg
FM01 FE02 FE03: Metro Jan van Galenstraat
FD03 FD04: Metro De Vlugtlaan
FG01 FG02: Halte Matterhorn | Matterhorn | Pilatus
FK03 FK01 FJ01 FJ02 FK02: Markt Tussen Meer | Tussen Meer
FN01: Winkelcentrum Sierplein | Louis Bouwmeesterstraat | Louis Chrispijnstraat | Van Mourik Broekmanstraat
FQ05 FQ03: Centrum Nieuw Sloten
FM02 FM04: OBA Postjesweg | Postjesweg
FE04: Sloterparkbad
FF02: Sportpark Ookmeer | Golfclub Ookmeer | Brandweerkazerne Osdorp
FF01 FF03: Westgaarde | Begraafplaats Westgaarde
FQ09 FP06: Afvalpunt Henk Sneevlietweg
FQ09 FQ08: B. Amsterdam
FP03: Andreas Ensemble
FM01: OLVG West | Lucas Andreas | Lucas Andreas Ziekenhuis | Sint Lucas
FN03: Antoni van Leeuwenhoek | AVL | Slotervaartziekenhuis | Ziekenhuis Slotervaart | Sanquin | Louwesweg | Louweshoek
FK04 FK05: Calandlyceum | De la Sallestraat
FP04: Lumion
FM02: DENISE | Johan Greivestraat | Hart Nibbrigstraat | Piet Mondriaanstraat
FP01 FP02: Calvijn College | Schipluidenlaan
FD01: Nieuwenhuysenbuurt | Kop van de Slotermeerlaan
FD03: Wiardi Beckmanstraat
FD03 FD02 FD04: Burgemeester Fockstraat | Fockstraat
FB06 FB05: Nolensstraat
FB08 FB06 FB05: De Savornin Lohmanstraat | Savornin Lohmanstraat
FK02 FK03 FK04: Meer en Vaart
FK01 FK03 FJ02 FJ03 FK04: Hoekenes
FL03 FL02 FN01 FN02 FN03 FN04 FQ08 FQ09: Johan Huizingalaan | Huizingalaan
FP02 FP04: Maassluisstraat
FC01 FD01 FC02 FE01 FC03 FE03: Slotermeerlaan
FD01 FD03 FD04 FC01: Burgemeester de Vlugtlaan | De Vlugtlaan
FB08 FB07 FC02 FC03 FE01 FE02 FE03 FB06 FB05: Burgemeester Röellstraat | Röellstraat
FD01 FD03 FD02: Burgemeester Eliasstraat
FC02 FC03: Burgemeester van Leeuwenlaan
FE02 FE03: Burgemeester Rendorpstraat | Burgemeester van de Pollstraat
FB03 FB07 FB08: Dr. H. Colijnstraat | Colijnstraat
FB05 FB06: Sam van Houtenstraat
FB05 FB08: Pieter Jelles Troelstralaan | Troelstralaan
FM01 FM02 FM04: Jan Tooropstraat
FM04 FM06: Derkinderenstraat
FM03 FM05: Nachtwachtlaan
FM03: Henk Henrietstraat
FL01 FL03: Robert Fruinlaan
FL02 FL03: Justus Lipsiusstraat
FN02: Jacques Veltmanstraat
FP02 FP04 FN04: Heemstedestraat
FP05: Naaldwijkstraat
FK04 FK05 FN02 FN01 FJ03 FJ04: Pieter Calandlaan | Calandlaan
FK03 FJ02 FJ03 FH02: Osdorper Ban | Osdorperban
FJ01 FJ02 FJ03 FJ04 FH01 FH02: Baden Powellweg
FK01 FK02: Geer Ban
FK02: Oeverpad
FK05 FK04: Louis Davidsstraat
FJ01 FJ02: Reimerswaalstraat | Saaftingestraat
FG02 FG01: Inaristraat
FQ07 FQ01 FQ09 FQ08: Sloterweg
FQ03 FQ05 FQ06: Laan van Vlaanderen
FQ05 FQ06: Antwerpenbaan
FQ04 FQ05: Brusselsingel
FQ02: Vlimmerenstraat | Westmallepad
FQ08 FQ09: Louis Armstrongstraat
FA05: Donauweg
FA04: Oderweg | Kapoeasweg | Kastrupstraat
FA03: Pleimuiden | Jarmuiden
FA02: Bornhout
FE03 FE04: President Allendelaan
FN01 FN02 FN03 FN04 FQ03 FK05 FQ02 FJ04: Plesmanlaan
FF02 FK02 FK01 FJ01 FF01 FH01 FF03 FH02 FG01: Ookmeerweg
FA08 FA07: Naritaweg
FF01 FF02 FF03 FH01 FH02 FJ01 FJ02 FJ03 FJ04 FK01 FK02 FK03 FK04 FK05: أوسدورب
"""
# The first four digits of postcodes.
_POSTCODES = """
1060: FG01 FG02 FG03
1061: FM01 FM02
1062: FM04 FM06 FP01 FP02 FP03 FP04 FP05 FP06
1063: FC01 FC02 FD01 FD02 FD03 FD04 FE01
1064: FC02 FC03 FE01 FE02 FE03 FE04 FL01
1065: FL02 FL03 FN01 FN02
1066: FN03 FN04 FQ01 FQ02 FQ03 FQ04 FQ05 FQ06 FQ07 FQ08 FQ09 FQ10
1067: FB01 FB02 FB03 FB04 FB05 FB06 FB07 FB08 FF01 FF02
1068: FK01 FK02 FK03 FK04 FK05 FJ02 FJ03
1069: FJ01 FJ02 FJ03 FJ04 FH01 FH02 FG01 FG02 FG03
"""
# Parts of Amsterdam and towns nearby that are not in Nieuw-West.
_OUTSIDE = """
De Pijp | Bijlmer | Bijlmermeer | Bijlmer Arena | Zuidoost | Amsterdam Zuidoost | Amsterdam Noord | Noord
Amsterdam Zuid
Bos en Lommer | De Baarsjes | Mercatorplein | Surinameplein | Hoofddorpplein | Badhoevedorp | Halfweg | Zwanenburg
Hoofddorp | Schiphol | Haarlem | Haarlemmermeer | Utrecht | Amstelveen | Diemen | Duivendrecht | Zaandam | Zaanstad
Almere | Lelystad | Jordaan | Oud-West | Kinkerstraat | Vondelpark | Westerpark | Erasmuspark | Kolenkit
Buikslotermeer | Rembrandtplein | Leidseplein | Dam | Amsterdam Centraal | Centraal Station | Centrum | IJburg
Zuidas
Dappermarkt | Albert Cuyp | Indische Buurt | Watergraafsmeer | Rivierenbuurt | Buitenveldert | Gein | Gaasperdam
Holendrecht
Oost | Amsterdam Oost | Oud-Zuid | Museumplein | Nieuwmarkt | Spaarndammerbuurt | Houthavens | Landlust | Amstel
Ouderkerk
Rotterdam | Den Haag | Purmerend | Heemskerk | Beverwijk | Velsen | Nieuw-Vennep | Leiden | Hilversum | Weesp
Aalsmeer
بايلمر | هارلم | امستردام نورد | روتردام | اوتريخت | لاهاي
"""


def _codes(lines: str) -> dict[str, tuple[str, ...]]:
    found = {}
    for line in lines.strip().splitlines():
        codes, _, names = line.partition(": ")
        found.update({name: tuple(codes.split()) for name in names.split(" | ")})
    return found


PLACES: Mapping[str, tuple[str, ...]] = _codes(_LINES)
POSTCODES: Mapping[str, tuple[str, ...]] = {
    digits: tuple(codes.split()) for digits, codes in (line.split(": ") for line in _POSTCODES.strip().splitlines())
}
OUTSIDE = tuple(name for line in _OUTSIDE.strip().splitlines() for name in line.split(" | "))
