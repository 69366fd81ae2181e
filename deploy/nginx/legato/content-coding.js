/*
 * Which content coding a request would have (RFC 9110 §12.5.3), as the origin chooses it in
 * legato/origin/media/content_coding.py.
 */
const ITEM = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?\s*$/i;

/** `gzip`, where that is welcome and no less so than no coding at all; else nothing. */
function choose(acceptEncoding) {
    const weights = {};
    acceptEncoding.split(',').forEach((item) => {
        const found = ITEM.exec(item);
        if (found !== null) {
            weights[found[1].toLowerCase()] = found[2] === undefined ? 1 : Number(found[2]);
        }
    });
    const named = ['gzip', 'x-gzip'].filter((name) => weights[name] !== undefined);
    const gzip = named.length > 0
        ? Math.max.apply(null, named.map((name) => weights[name]))
        : weights['*'] || 0;
    return gzip > 0 && gzip >= (weights.identity || 0) ? 'gzip' : '';
}

export default {choose};
