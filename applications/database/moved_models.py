"""A model that moves to another app keeps its table, and all that refers to it by its content type."""

from typing import Any

from django.db.migrations import RunPython


def keep_content_types(*models: str, old: str, new: str) -> RunPython:
    """For the migration that gives ``models`` (in lower case) of the app ``old`` to the app ``new``.

    It depends on the content types' own migrations.
    """

    def rename(source: str, target: str) -> Any:
        def run(apps: Any, schema_editor: Any) -> None:
            kept = apps.get_model("contenttypes", "ContentType").objects.using(schema_editor.connection.alias)
            there = kept.filter(app_label=target, model__in=models).values_list("model", flat=True)
            kept.filter(app_label=source, model__in=models).exclude(model__in=list(there)).update(
                app_label=target
            )

        return run

    return RunPython(rename(old, new), rename(new, old))
