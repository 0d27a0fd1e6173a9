"""A stand-in for the public credit-information sharing platform: its published interface, really served.

It checks signature, schema, order and idempotency, stores what it receives and shows it on a page. It shares
no code with the portal: both know only docs/api/sharing-platform.yaml.
"""
