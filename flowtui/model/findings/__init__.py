"""Findings: runs that look wrong although their status does not say so."""
