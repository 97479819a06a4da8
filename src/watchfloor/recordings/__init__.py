"""Video kept, played and forgotten; sealed per group of pictures, keys apart."""
