"""Who sends masters: tenants, their keys and quotas, and what each of them did."""
