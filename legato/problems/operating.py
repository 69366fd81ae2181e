"""Codes of settings, commands and edges: the operator meets them at the terminal or in the log."""

from typing import Final

from legato.problems.problem import LATER, OPERATOR, SETTING, Problem

OPERATING: Final = {
    "bad_setting": Problem(400, "A setting cannot be", SETTING),
    "bad_address": Problem(400, "There is no such address to listen on", "give another `--host`"),
    "address_taken": Problem(503, "Somebody listens there already", "give another `--port`"),
    "bad_deal": Problem(400, "A deal cannot be", "mend what `detail` names"),
    "bad_edge": Problem(400, "An edge's URL cannot be read", "give `URL [dialect]`"),
    "bad_grant_id": Problem(400, "This is the id of no grant", "give the id, or a signed address"),
    "no_denial": Problem(404, "It is not denied", "nothing is left to do"),
    "no_dialect": Problem(400, "There is no such dialect", "`legato url --help` names them"),
    "no_format": Problem(400, "There is no such format", "give one that `detail` names"),
    "folder_not_empty": Problem(400, "The folder is not empty", "give another"),
    "no_such_file": Problem(400, "There is no such file", "give a file or a folder of audio"),
    "no_audio_in_folder": Problem(400, "There is no audio in the folder", "give another"),
    "not_a_file": Problem(400, "This is no regular file", "give a file"),
    "unreadable": Problem(400, "The file cannot be opened", "let legato read it"),
    "bad_quota": Problem(400, "This is no quota", "give a whole number, or `none`"),
    "tenant_taken": Problem(400, "There is a tenant of that name", "`legato tenant change` it"),
    "no_scope": Problem(400, "There is no such scope", "give one that `detail` names"),
    "other_store": Problem(503, "A worker has another store than the server", OPERATOR),
    "no_kind": Problem(400, "There is no such kind of tenant", "give one that `detail` names"),
    "no_reason": Problem(400, "A takedown without a reason", "give `--reason`"),
    "reason_for_undo": Problem(400, "A reason that nobody would keep", "leave it out"),
    "two_rotations": Problem(400, "Two rotations at a time", "give `--stage` or `--now`"),
    "already_staged": Problem(400, "A signing key is staged already", "rotate, or drop it"),
    "none_staged": Problem(400, "No signing key is staged", "stage one, or rotate `--now`"),
    "key_signs": Problem(400, "This key signs", "rotate first"),
    "long_key_id": Problem(400, "The next key's id would be too long", "drop old keys"),
    "no_signing_key": Problem(400, "There is no such signing key", "`legato key list` shows them"),
    "key_file": Problem(503, "The file of keys cannot be read or written", OPERATOR),
    "denials_file": Problem(503, "The denials cannot be kept in a file", OPERATOR),
    "edge_away": Problem(503, "An edge does not answer", LATER),
    "edge_busy": Problem(503, "An edge has too much to purge", LATER),
    "edge_refused": Problem(503, "An edge does not do as it is told", "look at its credentials"),
    "no_event": Problem(400, "There is no such event", "give one that `detail` names"),
    "webhook_away": Problem(503, "A webhook's receiver does not answer", LATER),
    "webhook_failed": Problem(503, "A message could not be sent", OPERATOR),
    "purge_failed": Problem(503, "A purge went wrong", OPERATOR),
}
