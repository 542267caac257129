"""Word, OpenDocument and web files written out by hand, for what no library makes."""

from tests.coding import files

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
SPACES = (
    f'{WORD} xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:mc="urn:mc" xmlns:a="urn:a"'
    ' xmlns:wps="urn:wps" xmlns:v="urn:v"'
)
OFFICE = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:draw="urn:draw" xmlns:dc="urn:dc"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:table" xmlns:svg="urn:svg"'
)


def run(text, properties=""):
    """A run of Word."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def docx(body, main="word/document.xml", **parts):
    """A Word file with this body; parts by their name in the folder word."""
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"'
        f' Type="http://x/officeDocument" Target="/{main}"/></Relationships>'
    )
    document = f"<w:document {SPACES}><w:body>{body}</w:body></w:document>"
    others = {f"word/{name}.xml": f"<w:{name} {SPACES}>{part}</w:{name}>" for name, part in parts.items()}
    return files.archive({"_rels/.rels": relations, main: document, **others})


def odt(body):
    """An OpenDocument text with this body."""
    content = (
        f"<office:document-content {OFFICE}><office:automatic-styles><text:p>style</text:p></office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return files.archive({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})
