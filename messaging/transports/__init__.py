"""Ways out of the house: mail servers and providers, SMS gateways, and the demo's, which sends nothing."""
