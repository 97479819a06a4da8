"""What leaves the center as evidence: exports of recorded video, asked for by one person and approved by another."""
