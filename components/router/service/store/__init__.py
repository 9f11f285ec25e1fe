"""What the router keeps between requests: of customers, and of routed requests until their feedback comes."""

from components.router.service.store.interface import Routed, Store, StoreError, Uses, now

__all__ = ["Routed", "Store", "StoreError", "Uses", "now"]
