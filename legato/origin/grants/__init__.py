"""What a grant is, the keys it is signed with, and how it is denied."""
