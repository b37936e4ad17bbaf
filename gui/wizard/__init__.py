"""What all pages share: the session, the base class of a page, the planned run."""
