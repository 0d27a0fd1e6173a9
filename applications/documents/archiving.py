"""What each document is as a file: PDF/A-3a, to be read in decades and by machines, and PDF/UA-1, to be read aloud.

WeasyPrint writes one of the two; what the other needs beside it is added here. tests/documents/test_standards.py holds both
against veraPDF.
"""

import pydyf
from weasyprint import Document as LaidOut

WRITTEN = {"pdf_variant": "pdf/a-3a", "pdf_tags": True}

# That it is PDF/UA, in the words that PDF/A asks of everything that it does not know by itself.
_ALSO_UA = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>part of ISO 14289</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>"""


def finish(laid_out: LaidOut, pdf: pydyf.PDF) -> None:
    """A finisher of WeasyPrint's write_pdf."""
    metadata = pdf.objects[_number(pdf.catalog["Metadata"])]
    metadata.stream = [part.replace(b"</rdf:RDF>", _ALSO_UA) for part in metadata.stream]
    # WeasyPrint names each attachment twice.
    pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    for each in pdf.objects:
        if isinstance(each, pydyf.Dictionary) and each.get("S") == "/TR":
            _tell_apart([pdf.objects[_number(cell)] for cell in each["K"]])
    pdf.objects[:] = map(_Made, pdf.objects)


class _Made(pydyf.Object):  # type: ignore[misc]
    """An object of the file in the bytes that it will have there: pydyf asks for them twice, for the file and for the digest in it, and
    an object of its own makes and compresses them each time."""

    def __init__(self, made: pydyf.Object) -> None:
        super().__init__()
        self.number, self.generation, self.free = made.number, made.generation, made.free
        self._data: bytes = made.data if made.free == "n" else b""
        self._compressible: bool = made.compressible

    @property
    def data(self) -> bytes:
        return self._data

    @property
    def compressible(self) -> bool:
        return self._compressible


def _tell_apart(row: list[pydyf.Dictionary]) -> None:
    """Of a row with two facts: each stands under its own label. WeasyPrint has both stand under both, and under the head of the
    table, which spans them, only the first."""
    labels = [cell["ID"] for cell in row if cell["S"] == "/TH"]
    facts = [cell for cell in row if cell["S"] == "/TD"]
    if len(labels) > 1 and len(labels) == len(facts):
        head = [each for each in facts[0]["A"]["Headers"] if each not in labels]
        for label, fact in zip(labels, facts, strict=True):
            fact["A"]["Headers"] = pydyf.Array([label, *head])


def _number(reference: bytes) -> int:
    return int(reference.split()[0])
