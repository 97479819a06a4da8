"""GStreamer's RTSP server with one clip at /stream: `gst_server.py CLIP [PEM | udp]`; a line of standard input may give NAME and
PASSWORD. With a PEM file it speaks TLS and shows that certificate; with `udp` it sends datagrams alone.

It runs in the system's own Python, where GStreamer's bindings are, imports nothing of the project, and prints its port.
"""

import sys

import gi  # type: ignore[import-not-found]  # of the system, which no lock of ours has

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # type: ignore[import-not-found]  # noqa: E402  # after the versions are named

Gst.init(None)
clip, more, login = sys.argv[1], sys.argv[2:], sys.stdin.readline().split()
codec = "h265" if clip.endswith("h265.mp4") else "h264"
server = GstRtspServer.RTSPServer(address="127.0.0.1", service="0")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(f'( filesrc location="{clip}" ! qtdemux ! {codec}parse ! rtp{codec}pay name=pay0 )')
if more == ["udp"]:
    factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP)
if login:
    auth = GstRtspServer.RTSPAuth()
    if more:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(more[0]))
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    role = GstRtspServer.RTSPToken()
    role.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    auth.add_digest(*login, role)
    server.set_auth(auth)
    factory.add_role_from_structure(
        Gst.Structure.from_string(
            "viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
        )[0]
    )
server.get_mount_points().add_factory("/stream", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
