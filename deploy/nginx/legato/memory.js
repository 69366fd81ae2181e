/*
 * What has been judged `open` is remembered as an empty file, which nginx finds with one stat(2)
 * before it asks njs; docs/decisions/0010-edge.md says why no remembered judgement outlives the
 * denial, the key or the grant it stands on.
 *
 *     {folder}/open.{ten seconds}  ->  {folder}/generation.{random}/{judgement}
 *
 * `sync-denials` makes the links while the list of denials is fresh, and another generation
 * whenever that changes, and every ten minutes.
 */
import fs from 'fs';

const GENERATION_S = 600;
const LINKS_S = 20;

/**
 * Where a judgement that begins now may be remembered, or nothing. To be asked before the list of
 * denials is: a list that changes meanwhile makes another generation, and this one is asked no more.
 */
function place(file) {
    try {
        return file && fs.realpathSync(file.slice(0, file.lastIndexOf('/')));
    } catch (error) {
        return '';  // the list is not fresh
    }
}

/** Remembers that `file` was judged `open`, if what that stands on lasts long enough. */
function remember(place, file, secondsLeft) {
    if (!place || secondsLeft < GENERATION_S + LINKS_S) {
        return;
    }
    try {
        fs.writeFileSync(place + file.slice(file.lastIndexOf('/')), '');
    } catch (error) {
        return;  // the generation is over, or there is no room: it will be judged again
    }
}

export default {place, remember};
