"""A simulated ONVIF device: SOAP over HTTP, PTZ, events, and WS-Discovery. It imports nothing of the product."""
