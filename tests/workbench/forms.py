"""The form of a page of the workbench as a browser sends it back."""

from tests.helpers import parse_page

WRITES = ("INSERT", "UPDATE", "DELETE", "COPY", "TRUNCATE")


def browser_data(answer):
    """Every field of the change form, by name, each with its values: lines end as browsers end them."""
    [form] = parse_page(answer).xpath("//div[@id='content-main']/form[@method='post']")
    data = {}
    for field in form.xpath(".//input[@name] | .//select[@name] | .//textarea[@name]"):
        name = field.get("name")
        if "__prefix__" in name or field.get("disabled") is not None:
            continue
        if field.tag == "textarea":
            # a browser drops the line end that stands first in the page and ends each line with both characters
            text = (field.text or "").replace("\r\n", "\n").removeprefix("\n")
            data.setdefault(name, []).append(text.replace("\n", "\r\n"))
        elif field.tag == "select":
            chosen = [option.get("value") for option in field.xpath(".//option[@selected]")]
            first = [] if field.get("multiple") is not None else field.xpath(".//option/@value")[:1]
            if chosen or first:
                data.setdefault(name, []).extend(chosen or first)
        elif field.get("type") in ("checkbox", "radio"):
            if field.get("checked") is not None:
                data.setdefault(name, []).append(field.get("value", "on"))
        elif field.get("type") not in ("submit", "button", "file", "image", "reset"):
            data.setdefault(name, []).append(field.get("value", ""))
    if "_reason" in data:
        data["_reason"] = ["A test."]
    return data


def written_by(captured):
    """The statements among those captured that write."""
    return [each["sql"][:200] for each in captured if each["sql"].lstrip().upper().startswith(WRITES)]
