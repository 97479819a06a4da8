"""A client of RTSP 1.0 over TCP for one video track: signalling, sign-in, RTP put together again. It decodes nothing."""
