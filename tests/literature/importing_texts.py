"""One and the same article, and a report, in every form that can be read."""

RIS = """TY  - JOUR
ID  - walshe2004
AU  - Walshe, Kieran
AU  - Higgins, Joan
TI  - The use and impact of inquiries in the NHS
T2  - BMJ
PY  - 2002
DA  - 2002/10/19
VL  - 325
IS  - 7369
SP  - 895
EP  - 900
SN  - 0959-8138
DO  - https://doi.org/10.1136/bmj.325.7369.895
N1  - Read twice.
ER  -

TY  - RPRT
AU  - Ofsted
TI  - Unseen children: access
  and achievement
PB  - Ofsted
PY  - 2013
UR  - https://www.gov.uk/unseen-children
ER  -
"""
BIBTEX = r"""@article{walshe,
  title = {The use and impact of inquiries in the {NHS}},
  author = {Walshe, Kieran and Joan Higgins},
  journal = {BMJ}, date = {2002-10-19}, volume = 325, number = {7369}, pages = {895--900},
  issn = {0959-8138}, doi = {10.1136/bmj.325.7369.895}, note = {Read twice.},
}
@techreport{unseen,
  title = "Unseen children: access and achievement", author = {{Ofsted}}, institution = {Ofsted}, year = 2013,
  url = {https://www.gov.uk/unseen-children}
}
"""
CSL = """[{"id": "w", "type": "article-journal", "title": "The use and impact of inquiries in the NHS",
 "author": [{"family": "Walshe", "given": "Kieran"}, {"family": "Higgins", "given": "Joan"}],
 "issued": {"date-parts": [["2002", 10, 19]]}, "container-title": "BMJ", "volume": 325, "issue": "7369",
 "page": "895-900", "ISSN": "0959-8138", "DOI": "10.1136/bmj.325.7369.895", "note": "Read twice."},
{"id": "u", "type": "report", "title": "Unseen children: access and achievement", "author": [{"literal": "Ofsted"}],
 "publisher": "Ofsted", "issued": {"raw": "2013"}, "URL": "https://www.gov.uk/unseen-children"}]"""
NBIB = """
PMID- 12386046
IS  - 1756-1833 (Electronic)
VI  - 325
IP  - 7369
DP  - 2002 Oct 19
TI  - The use and impact of inquiries
      in the NHS.
PG  - 895-900
FAU - Walshe, Kieran
AU  - Walshe K
FAU - Higgins, Joan
AU  - Higgins J
PT  - Journal Article
JT  - BMJ
AID - 10.1136/bmj.325.7369.895 [doi]
SO  - BMJ. 2002 Oct 19;325(7369):895-900.
"""
ENDNOTE = """<?xml version="1.0" encoding="UTF-8"?>
<xml><records>
<record><ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Walshe, Kieran</style></author><author>Higgins, Joan</author></authors></contributors>
<titles><title><style>The use and impact of </style><style face="italic">inquiries</style><style> in the NHS</style></title><secondary-title>BMJ</secondary-title></titles>
<pages>895-900</pages><volume>325</volume><number>7369</number><dates><year>2002</year><pub-dates><date>19 October</date></pub-dates></dates>
<isbn>0959-8138</isbn><electronic-resource-num>10.1136/bmj.325.7369.895</electronic-resource-num><notes>Read twice.</notes></record>
<record><ref-type name="Report">27</ref-type><contributors><authors><author>Ofsted,</author></authors></contributors>
<titles><title>Unseen children: access and achievement</title></titles><dates><year>2013</year></dates><publisher>Ofsted</publisher>
<urls><related-urls><url>https://www.gov.uk/unseen-children</url></related-urls></urls></record>
</records></xml>"""
CSV = """Item Type,Title,Authors,Year,Journal,Publisher,Volume,Issue,Pages,ISSN,DOI,URL,Notes
Journal article,The use and impact of inquiries in the NHS,"Walshe, Kieran; Higgins, Joan",2002-10-19,BMJ,,325,7369,895-900,0959-8138,10.1136/bmj.325.7369.895,,Read twice.
report,Unseen children: access and achievement,Ofsted,2013,,Ofsted,,,,,,https://www.gov.uk/unseen-children,
"""
FILES = {"ris": RIS, "bibtex": BIBTEX, "csl-json": CSL, "nbib": NBIB, "endnote": ENDNOTE, "csv": CSV}
ARTICLE = {
    "type": "article-journal",
    "title": "The use and impact of inquiries in the NHS",
    "author": [{"family": "Walshe", "given": "Kieran"}, {"family": "Higgins", "given": "Joan"}],
    "issued": {"date-parts": [[2002, 10, 19]]},
    "container-title": "BMJ",
    "volume": "325",
    "issue": "7369",
    "page": "895-900",
    "DOI": "10.1136/bmj.325.7369.895",
}
REPORT = {
    "type": "report",
    "title": "Unseen children: access and achievement",
    "author": [{"literal": "Ofsted"}],
    "publisher": "Ofsted",
    "issued": {"date-parts": [[2013]]},
    "URL": "https://www.gov.uk/unseen-children",
}
