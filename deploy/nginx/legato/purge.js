/*
 * Purging by asset. nginx's cache knows keys and no tags, so an index beside it lists the keys of
 * an asset: a file an asset, a line a key without the asset's path, written before the entry is.
 */
import crypto from 'crypto';
import fs from 'fs';

const SLICE_BYTES = 1024 * 1024;  // `slice` in whole_file.conf
const NO_VERSION = '\0\0\0\0\0\0\0\0';
const QUIET = {throwIfNoEntry: false};

/** Enters what is about to be kept by the cache. */
function enter(cache, asset, lines) {
    const index = `${cache}/index/${asset}`;
    const known = read(index);
    const fresh = lines.filter((line) => !known.includes(line));
    if (fresh.length > 0) {
        fs.appendFileSync(index, fresh.join('\n') + '\n');
    }
}

/** The line of an address; of a whole file, whose size the origin has told, one a slice. */
function linesOf(r) {
    const v = r.variables;
    if (v.legato_kind === '@text') {
        return [`${v.legato_rest} ${v.legato_coding}`];
    }
    if (v.legato_kind === '@chunk') {
        return [v.legato_rest];
    }
    const size = Number(v.upstream_http_content_range.split('/')[1]);
    const slices = [];
    for (let at = 0; at < size; at += SLICE_BYTES) {
        slices.push(`${v.legato_rest} bytes=${at}-${at + SLICE_BYTES - 1}`);
    }
    return slices;
}

/**
 * Deletes every entry of an asset, and answers how many there were: nginx takes an entry whose
 * file is gone for a miss. The index stays, for what is being fetched meanwhile.
 */
function purge(cache, asset) {
    const files = read(`${cache}/index/${asset}`)
        .map((line) => entryFile(cache, `/audio/${asset}/${line}`))
        .filter((file) => fs.statSync(file, QUIET) !== undefined);
    files.forEach(remove);
    return files.length;
}

/**
 * An entry begins with the version of its format. Without that, nginx takes it for a miss in the
 * workers that hold it open, too; whoever is being answered from it gets the rest.
 */
function remove(file) {
    fs.writeFileSync(file, NO_VERSION, {flag: 'r+'});
    fs.unlinkSync(file);
}

function read(index) {
    if (fs.statSync(index, QUIET) === undefined) {
        return [];
    }
    return fs.readFileSync(index, 'utf8').split('\n').filter((line) => line !== '');
}

/** Where nginx keeps an entry: the MD5 of its key, in folders by `levels=1:2`. */
function entryFile(cache, key) {
    const name = crypto.createHash('md5').update(key).digest('hex');
    return `${cache}/objects/${name.slice(-1)}/${name.slice(-3, -1)}/${name}`;
}

export default {enter, linesOf, purge};
