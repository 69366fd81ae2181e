"""Codes of what is stored, or was made to be stored, and is not what it must be."""

from typing import Final

from legato.problems.problem import VERIFY, Problem

STORED: Final = {
    "bad_manifest": Problem(500, "The stored manifest is none", VERIFY),
    "manifest_hash": Problem(500, "The stored manifest is not the asset's", VERIFY),
    "bad_playlist": Problem(500, "A playlist says what is not so", VERIFY),
    "object_short": Problem(500, "A stored file ends too early", VERIFY),
    "key_taken": Problem(500, "Other bytes stand under this key of the store", VERIFY),
    "bad_key": Problem(400, "No key of the object store can be like this", VERIFY),
    "aac_frame_count": Problem(500, "An AAC stream has too many or too few frames", VERIFY),
    "aac_length": Problem(500, "An AAC stream is not as long as the recording", VERIFY),
    "mp4_box_missing": Problem(500, "An MP4 file lacks a box", VERIFY),
    "mp4_box_short": Problem(500, "An MP4 box ends too early", VERIFY),
    "mp4_box_size": Problem(500, "An MP4 box has an impossible size", VERIFY),
    "mp4_box_twice": Problem(500, "An MP4 box stands there twice", VERIFY),
    "mp4_descriptor": Problem(500, "An MP4 descriptor cannot be read", VERIFY),
    "mp4_edit_list": Problem(500, "An MP4 edit list is not ours", VERIFY),
    "mp4_edits": Problem(500, "An MP4 file has more than one edit", VERIFY),
    "mp4_frames_outside": Problem(500, "MP4 frames lie outside their file", VERIFY),
    "mp4_run": Problem(500, "An MP4 track run cannot be", VERIFY),
    "mp4_sizes": Problem(500, "The sizes of MP4 frames contradict each other", VERIFY),
    "mp4_time": Problem(500, "MP4 fragments leave a hole in time", VERIFY),
    "mp4_timescale": Problem(500, "An MP4 timescale is not the sample rate", VERIFY),
    "mp4_truncated": Problem(500, "An MP4 file ends too early", VERIFY),
    "ogg_capture_pattern": Problem(500, "An Ogg page does not begin as one", VERIFY),
    "ogg_checksum": Problem(500, "An Ogg page has another checksum", VERIFY),
    "ogg_continuation": Problem(500, "An Ogg packet goes on that never began", VERIFY),
    "ogg_multiplexed": Problem(500, "An Ogg file holds more than one stream", VERIFY),
    "ogg_page_full": Problem(500, "An Ogg page cannot hold that much", VERIFY),
    "ogg_sequence": Problem(500, "An Ogg page is missing", VERIFY),
    "ogg_truncated": Problem(500, "An Ogg file ends too early", VERIFY),
    "ogg_version": Problem(500, "An Ogg page is of an unknown version", VERIFY),
    "vorbis_granule": Problem(500, "A Vorbis stream counts its samples wrong", VERIFY),
    "vorbis_header": Problem(500, "A Vorbis header cannot be read", VERIFY),
    "vorbis_length": Problem(500, "A Vorbis stream is not as long as the recording", VERIFY),
}
