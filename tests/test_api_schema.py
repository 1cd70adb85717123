"""The API asked everything that its OpenAPI document allows, and what it forbids."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from casebook.wsgi import application


@pytest.fixture
def document():
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


schema = schemathesis.pytest.from_fixture("document")


@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_the_document_says(case):
    case.call_and_validate(headers={"Accept-Encoding": "identity"})  # the client here unpacks nothing
