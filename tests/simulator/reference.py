"""The reference document of the API, `seekrflow_openapi.json`, and where it says less than the simulator serves.

The document was written for this project from the public reference and the official SDK, see its description. It is a copy:
to be copied anew, whole, whenever the reference changes. For schemathesis this file is a module of hooks (`.ci/schemathesis`).
"""

import json
from pathlib import Path

import schemathesis

TITLE = "SeekrFlow, as flowtui sees it"
NOT_SERVED = {"/v1/flow/models", "/v1/flow/deployments"}
"""Models and deployments: a monitor asks for neither."""
EVENT = {"type": "object", "properties": {"data": {"type": "string"}}, "required": ["data"]}


def reference():
    """Return the document as it was copied."""
    return json.loads(Path(__file__).with_name("seekrflow_openapi.json").read_text())


def narrow(document):
    """Change the document to what the simulator serves of it."""
    for path in NOT_SERVED:
        document["paths"].pop(path, None)
    schemas = document["components"]["schemas"]
    for name in ("limit", "offset"):  # as the same parameters of lists
        schemas["SpanQuery"]["properties"][name]["minimum"] = 0
    # "The SDK's cancel call sends null here."
    schemas["RunRequest"]["properties"]["group"]["type"] = ["string", "null"]
    # Before OpenAPI 3.2 the schema of an event stream is read as that of one event.
    attach = document["paths"]["/v1/threads/{thread_id}/runs/{run_id}/attach"]["get"]
    attach["responses"]["200"]["content"]["text/event-stream"]["schema"] = EVENT
    return document


@schemathesis.hook
def before_load_schema(context, raw_schema):
    if raw_schema["info"]["title"] == TITLE:
        narrow(raw_schema)
