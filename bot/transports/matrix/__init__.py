"""Matrix, by matrix-nio's client. `settings` alone loads quickly, for the configuration."""
