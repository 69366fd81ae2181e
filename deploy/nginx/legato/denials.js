/*
 * The list of denials as `sync-denials` keeps it: a file a denial, which names the second it was
 * made in, and a mark that is touched whenever the origin has confirmed the list.
 */
import fs from 'fs';
import pathToken from 'path-token.js';

// A file's time may be some ticks ahead of the clock that we read.
const COARSE_S = 2;
const QUIET = {throwIfNoEntry: false};

/** Whether a grant is denied, or its track's grants of its time. */
function denies(folder, grant, track) {
    if (fs.statSync(`${folder}/grant/${grant}`, QUIET) !== undefined) {
        return true;
    }
    const ofTrack = `${folder}/track/${track}`;
    // Written so that a file which names no second denies.
    return fs.statSync(ofTrack, QUIET) !== undefined
        && !(pathToken.issuedAt(grant) > parseInt(fs.readFileSync(ofTrack, 'utf8'), 10));
}

/**
 * How long ago the origin last confirmed the list, in seconds. Infinity: never, or in a future
 * that the clock has gone back from.
 */
function age(folder) {
    const mark = fs.statSync(`${folder}/.as-of`, QUIET);
    const seconds = mark === undefined ? Infinity : (Date.now() - mark.mtimeMs) / 1000;
    return seconds < -COARSE_S ? Infinity : Math.max(seconds, 0);
}

export default {denies, age};
