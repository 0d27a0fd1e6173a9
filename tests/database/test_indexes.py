"""Indexes that are made while the portal goes on writing."""

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations.state import ProjectState

from applications.database.indexes import AddIndexBesideWriters
from applications.documents.models import Document


@pytest.mark.django_db(transaction=True)
def test_one_that_is_there_already_is_made_anew():
    """As where documents.0011 made it, or PostgreSQL left an invalid one of the name."""
    index = models.Index(fields=["issued_at", "id"], name="document_by_day")
    state = ProjectState.from_apps(apps)
    with connection.schema_editor(atomic=False) as editor:
        operation = AddIndexBesideWriters(model_name="document", index=index)
        operation.database_forwards("documents", editor, state, state)
    with connection.cursor() as cursor:
        held = connection.introspection.get_constraints(cursor, Document._meta.db_table)
    assert held["document_by_day"]["columns"] == ["issued_at", "id"]
