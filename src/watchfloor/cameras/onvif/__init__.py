"""ONVIF devices: found on a network, asked what they are, turned. Nothing a device says is believed unchecked."""
