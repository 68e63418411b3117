"""What the trail speaks to outside the database: the folder of anchors, the key of the installation, `audit.log`."""
