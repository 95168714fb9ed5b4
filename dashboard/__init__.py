"""The product without a screen: domain, store, and the processes that join them."""
