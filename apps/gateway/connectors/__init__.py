"""The only code of this app that speaks to outside systems: the probes behind `/ready`."""
