"""What beat starts, and how often (in seconds, where it is no time of day), and which queue takes what.

Every row of work is found by a sweep; a message over the broker only makes it quicker.
"""

from typing import Any

from celery.schedules import crontab

BEAT: dict[str, dict[str, Any]] = {
    "sweep-deadlines": {"task": "applications.deadlines.tasks.sweep_deadlines", "schedule": 300},
    "push-deliveries": {"task": "applications.sharing.tasks.push_deliveries", "schedule": 60},
    # One that gave way to others goes on by itself: no more of these pile up behind it.
    "render-documents": {
        "task": "applications.documents.tasks.render_documents",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "send-messages": {"task": "applications.notifications.tasks.send_messages", "schedule": 60},
    # Where no gateway is configured it has nothing to do.
    "send-texts": {"task": "applications.notifications.tasks.send_texts", "schedule": 60},
    "end-publicity": {"task": "applications.records.tasks.end_publicity", "schedule": 3600},
    # Where all who do long work are at it, no more of these pile up.
    "run-imports": {
        "task": "applications.records.tasks.run_imports",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "issue-batches": {
        "task": "applications.reports.tasks.issue_batches",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "remove-pending-uploads": {
        "task": "applications.files.tasks.remove_old_pending_uploads",
        "schedule": 300,
    },
    # Where none is configured it has nothing to do.
    "scan-uploads": {"task": "applications.files.tasks.scan_uploads", "schedule": 60},
    "run-replays": {
        "task": "applications.oversight.tasks.run_replays",
        "schedule": 60,
        "options": {"expires": 60},
    },
    # With the 45 seconds between heads less than the minute within which all is signed (ledger.sealing), and again
    # in time where somebody was writing.
    "seal-ledger": {
        "task": "applications.ledger.tasks.seal_ledger",
        "schedule": 10,
        "options": {"expires": 60},
    },
    "tell-stranded": {"task": "applications.objections.tasks.tell_stranded", "schedule": 300},
    "deem-accepted": {"task": "applications.repairs.tasks.deem_overdue_cases_accepted", "schedule": 3600},
    # A power of attorney that is over opens nothing from midnight on, whenever this says so.
    "end-powers": {"task": "applications.subjects.tasks.end_powers", "schedule": 3600},
    # By the clock: an interval of a day never comes round where beat is restarted daily.
    # Where there was none in the morning, at the next full hour; who was told is not told again.
    "send-reminders": {
        "task": "applications.portal.tasks.send_reminders",
        "schedule": crontab(hour="8-20", minute="0"),
    },
    # What the version before wrote beside this one during an upgrade, and all of before the upgrade (ADR 0054).
    "seal-what-is-plain": {
        "task": "applications.portal.tasks.seal_what_is_plain",
        "schedule": crontab(hour="0", minute="30"),
    },
    # Before the nightly checks, and in the hours in which nobody types.
    "erase-what-is-due": {
        "task": "applications.portal.tasks.erase_what_is_due",
        "schedule": crontab(hour="1", minute="30"),
    },
    "check-queues": {
        "task": "applications.repairs.tasks.check_queues",
        "schedule": crontab(hour="2", minute="30"),
    },
    # Twice a minute, for the desk counts for itself where they are older than one (oversight.figures).
    "keep-figures": {
        "task": "applications.oversight.tasks.keep_figures",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "check-figures": {
        "task": "applications.oversight.tasks.check_figures",
        "schedule": crontab(hour="2", minute="40"),
    },
    # As send-reminders: once a day, and where it was missed at the next full hour.
    "keep-performance": {
        "task": "applications.portal.tasks.keep_performance",
        "schedule": crontab(hour="3-8", minute="0"),
    },
    "measure-open-data": {
        "task": "applications.portal.tasks.measure_open_data",
        "schedule": crontab(hour="3", minute="30"),
    },
    "check-remedies": {
        "task": "applications.documents.tasks.check_remedies",
        "schedule": crontab(hour="2", minute="50"),
    },
}

ROUTES = {
    # Up to an hour each: no clock, no decision and no letter waits behind them.
    "applications.records.tasks.run_imports": {"queue": "long"},
    "applications.oversight.tasks.run_replays": {"queue": "long"},
    "applications.reports.tasks.issue_batches": {"queue": "long"},
    "applications.portal.tasks.measure_open_data": {"queue": "long"},
    "applications.portal.tasks.erase_what_is_due": {"queue": "long"},
    "applications.portal.tasks.seal_what_is_plain": {"queue": "long"},
    "applications.deadlines.*": {"queue": "deadlines"},
    "applications.subjects.*": {"queue": "deadlines"},
    "applications.records.*": {"queue": "deadlines"},
    "applications.files.*": {"queue": "deadlines"},
    "applications.ledger.*": {"queue": "deadlines"},
    "applications.repairs.*": {"queue": "deadlines"},
    "applications.objections.*": {"queue": "deadlines"},
    "applications.oversight.*": {"queue": "deadlines"},
    "applications.portal.*": {"queue": "deadlines"},
    "applications.sharing.*": {"queue": "sharing"},
    "applications.documents.*": {"queue": "documents"},
    "applications.notifications.*": {"queue": "mail"},
}
