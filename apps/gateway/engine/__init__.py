"""Pure parts of the door: firewall rules, request ids, report rendering."""
