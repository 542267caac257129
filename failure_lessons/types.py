"""The shapes of JSON, named once. What a document holds is known to its schema and not to Python.

These names are for JSON alone: documents, entries of a package, rows of history, answers of the API. Whatever else has
a type of its own, `object` when it is merely handed on.
"""

from collections.abc import Mapping
from typing import Any

JSONValue = Any  # text, a number, a truth value, None, an array or an object: which, the schema says
JSONObject = dict[str, JSONValue]  # one that is being built, or is the caller's to change
JSONArray = list[JSONValue]
Document = Mapping[str, JSONValue]  # a published document or a part of one, to read and never to change
