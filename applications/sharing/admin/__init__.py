"""The officers' pages of deliveries and of the platforms that they go to."""

from applications.sharing.admin.deliveries import DeliveryAdmin
from applications.sharing.admin.destinations import DestinationAdmin

__all__ = ["DeliveryAdmin", "DestinationAdmin"]
