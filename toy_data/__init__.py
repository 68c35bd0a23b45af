"""Drawn photographs of pinned planthoppers with exact masks, landmarks and correspondence."""
