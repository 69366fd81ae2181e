"""Codes of uploads in pieces (tus 1.0)."""

from typing import Final

from legato.problems.problem import LATER, Problem

_AGAIN: Final = "begin another upload"
_ASK: Final = "ask with HEAD how much has arrived, and go on from there"

UPLOADS: Final = {
    "bad_upload": Problem(400, "The upload's header fields cannot be", "mend what `detail` names"),
    "bad_metadata": Problem(400, "The Upload-Metadata cannot be read", "mend what `detail` names"),
    "bad_checksum": Problem(400, "The Upload-Checksum cannot be read", "mend what `detail` names"),
    "bad_part": Problem(400, "A part is not what it was said to be", "mend what `detail` names"),
    "no_direct_uploads": Problem(
        409, "The store is a folder: nothing goes straight to it", "upload by tus"
    ),
    "no_upload": Problem(404, "There is no such upload", _AGAIN),
    "upload_offset": Problem(409, "The upload stands somewhere else", _ASK),
    "upload_finished": Problem(409, "The upload has become a track", "delete the track"),
    "upload_over": Problem(410, "The upload is over", _AGAIN),
    "tus_version": Problem(412, "Another version of tus", "send `Tus-Resumable: 1.0.0`"),
    "upload_media_type": Problem(
        415, "The body is no part of an upload", "send `application/offset+octet-stream`"
    ),
    "upload_locked": Problem(
        423, "Another request has the upload, and does not let go", LATER, after_s=1
    ),
    "upload_elsewhere": Problem(
        503,
        "Another server has what has arrived of the upload",
        "come again: `Retry-After` says when; an operator: send each client to one server",
        after_s=1,
    ),
    "upload_interrupted": Problem(
        423, "A newer request has taken the upload over, or nothing came for too long", _ASK
    ),
    "checksum_mismatch": Problem(
        460, "The body is not what its checksum says", "send it again: nothing of it was kept"
    ),
}
