"""Which thing of an agency a parameter of a path names."""

from __future__ import annotations

from typing import Final

# Which thing a parameter of a path names, where a recipe says nothing else.
PARAMETERS: Final = {
    "person_id": "person",
    "authorisation_id": "authorisation",
    "proposal_id": "proposal",
    "entry_id": "entry",
    "case_id": "case",
    "hold_id": "hold",
    "export_id": "export",
    "camera_id": "camera",
    "reader_id": "reader",
    "workstation_id": "workstation",
    "list_id": "hot_list",
    "import_id": "hot_list_import",
    "list_entry_id": "list_entry",
    "watch_id": "plate_watch",
    "plate_hit_id": "plate_hit",
    "read_id": "read",
    "search_id": "plate_search",
    "scene_search_id": "scene_search",
    "finding_id": "finding",
    "review_id": "look_up_review",
    "sha256": "picture",
    "form": "reader_form",
    "unit_id": "unit",
    "call_id": "call",
    "alert_id": "alert",
    "incident_id": "incident",
    "wall_id": "wall",
    "mask_id": "mask",
    "bookmark_id": "bookmark",
    "camera_import_id": "camera_import",
    "window_id": "maintenance_window",
    "box_id": "edge_box",
    "site_id": "site",
    "trailer_id": "trailer",
    "assignment_id": "assignment",
    "owner_id": "owner",
    "agreement_id": "agreement",
    "request_id": "sharing_request",
    "evidence_id": "evidence",
    "file_id": "evidence_file",
}
