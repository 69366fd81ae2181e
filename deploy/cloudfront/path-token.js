/*
 * CloudFront Function, runtime cloudfront-js-2.0, viewer request: verifies a path token, and takes
 * it out of the URI, so that CloudFront's cache knows the path without it. README.md says how it is
 * installed. The rules are those of legato/origin/dialects/path_token.py.
 *
 * The key value store has a signing key under its id (base64), and a denial under
 * `denied/grant/{id}` or `denied/track/{id}`: the second it was made in.
 */
import cf from 'cloudfront';
const crypto = require('crypto');

const HIGHEST_KBPS = 320;  // of the ladder, which index.m3u8 needs
const METHODS = 'GET, HEAD, OPTIONS';
const IPV4_MAPPED = '00000000000000000000ffff';
// What is signed of the token, version, key id, expiry, kbit/s, grant, track, address, country,
// MAC, what is signed of the path, the address below it.
const SIGNED = /^\/t\/(([12])\.([\w-]{1,32})\.([1-9]\d{0,10})\.([1-9]\d{0,4})\.([0-9a-f]{1,32})\.([0-9a-f]{1,32})(?:\.(?!\.\.)([0-9a-f]{8}|[0-9a-f]{32}|)\.([A-Z]{2}|))?)\.([\w-]{42}[AEIMQUYcgkosw048])(\/audio\/[0-9a-f]{64}\/)([A-Za-z0-9-]+(?:[./][A-Za-z0-9-]+)*)$/;
const ANY_TOKEN = /^\/t\/[^/]+\/audio\/[0-9a-f]{64}\/[A-Za-z0-9-]+(?:[./][A-Za-z0-9-]+)*$/;
const REFUSALS = {
    no_token: ['The address is not signed',
        'this address is not signed: ask for `play`'],
    bad_token: ['Not signed by us, or for something else',
        'this address is not signed by us for what it asks for'],
    expired_token: ['The grant is over',
        'this address has expired: ask for `play` again'],
    wrong_listener: ['The grant is bound to another address or country',
        'this address was given to another listener'],
    denied_grant: ['The grant, or every grant of its track, was denied',
        'this address has been withdrawn: ask for `play`'],
    tier: ['Above the bitrate granted',
        'this is above the bitrate granted'],
    method_not_allowed: ['A method not in `Allow`',
        'expected ' + METHODS],
};

async function handler(event) {
    const request = event.request;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
        return request.method === 'OPTIONS' ? preflight() : refuse(405, 'method_not_allowed');
    }
    const store = cf.kvs();
    const claims = parse(request.uri);
    const refused = await refusal(request.uri, claims, store, listener(event))
        || await denial(claims, store)
        || (needs(claims.rest) > claims.kbps ? 'tier' : '');
    if (refused) {
        return refuse(403, refused);
    }
    request.uri = claims.prefix + claims.rest;
    request.querystring = {};
    return request;
}

function listener(event) {
    const country = event.request.headers['cloudfront-viewer-country'];
    return {address: packed(event.viewer.ip), country: country ? country.value : ''};
}

/** The claims of a path as it was sent, or null. Nobody has looked at the MAC yet. */
function parse(path) {
    const found = SIGNED.exec(path);
    if (found === null || (found[2] === '1') !== (found[8] === undefined)) {
        return null;
    }
    return {
        token: found[1],
        keyId: found[3],
        expiresAt: Number(found[4]),
        kbps: Number(found[5]),
        grant: found[6],
        track: found[7],
        address: found[8],
        country: found[9],
        mac: found[10],
        prefix: found[11],
        rest: found[12],
    };
}

/** Why a path whose claims are these is not good, or nothing. */
async function refusal(path, claims, store, who) {
    const key = claims === null ? '' : await read(store, claims.keyId);
    if (claims === null || !isSigned(claims, key)) {
        return claims !== null || ANY_TOKEN.test(path) ? 'bad_token' : 'no_token';
    }
    if (Date.now() / 1000 >= claims.expiresAt) {
        return 'expired_token';
    }
    return claims.address !== undefined && !isFor(claims, who) ? 'wrong_listener' : '';
}

function isSigned(claims, key) {
    if (key === '') {
        return false;
    }
    const expected = crypto.createHmac('sha256', Buffer.from(key, 'base64'))
        .update(claims.token + claims.prefix)
        .digest();
    const mac = Buffer.from(claims.mac, 'base64url');
    let differing = 0;  // in constant time
    for (let at = 0; at < 32; at += 1) {
        differing |= expected[at] ^ mac[at];
    }
    return differing === 0;
}

function isFor(claims, who) {
    if (claims.address !== '' && claims.address !== who.address) {
        return false;
    }
    return claims.country === '' || claims.country === who.country.toUpperCase();
}

/** Whether the grant, or its track's grants of its time, are denied. */
async function denial(claims, store) {
    if (await store.exists('denied/grant/' + claims.grant)) {
        return 'denied_grant';
    }
    const deniedAt = await read(store, 'denied/track/' + claims.track);
    const issuedAt = claims.grant.length === 20 ? parseInt(claims.grant.slice(0, 8), 16) : 0;
    return deniedAt !== '' && !(issuedAt > Number(deniedAt)) ? 'denied_grant' : '';
}

async function read(store, key) {
    return await store.exists(key) ? await store.get(key) : '';
}

/** The kbit/s that a grant must reach for the address `rest` of an asset; 0: any will do. */
function needs(rest) {
    if (rest === 'index.m3u8') {
        return HIGHEST_KBPS;
    }
    const found = /^[a-z0-9-]*-([1-9]\d{0,4})[./]/.exec(rest);
    if (found === null) {
        return 0;
    }
    const kbps = Number(found[1]);
    return rest.startsWith('index-') ? Math.min(kbps, HIGHEST_KBPS) : kbps;
}

/** An address in hexadecimal: 8 digits of IPv4, also where that is shown as IPv6, or 32. */
function packed(ip) {
    const dotted = /^(.*:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(ip);
    if (dotted === null) {
        return unmapped(packed6(ip));
    }
    const four = dotted.slice(2).map((part) => Number(part).toString(16).padStart(2, '0')).join('');
    return dotted[1] ? unmapped(packed6(dotted[1] + four.slice(0, 4) + ':' + four.slice(4))) : four;
}

function packed6(ip) {
    const halves = ip.toLowerCase().split('::');
    const head = halves[0] === '' ? [] : halves[0].split(':');
    const tail = halves.length < 2 || halves[1] === '' ? [] : halves[1].split(':');
    const zeros = '0000'.repeat(8 - head.length - tail.length);
    const digits = (groups) => groups.map((group) => group.padStart(4, '0')).join('');
    return digits(head) + zeros + digits(tail);
}

function unmapped(digits) {
    return digits.startsWith(IPV4_MAPPED) ? digits.slice(IPV4_MAPPED.length) : digits;
}

function refuse(status, code) {
    return {
        statusCode: status,
        statusDescription: status === 405 ? 'Method Not Allowed' : 'Forbidden',
        headers: Object.assign(cors(), {
            'allow': {value: METHODS},
            'cache-control': {value: 'no-store'},
            'content-type': {value: 'application/problem+json'},
        }),
        body: {
            encoding: 'text',
            data: JSON.stringify({
                type: '/docs/errors#' + code,
                title: REFUSALS[code][0],
                status: status,
                detail: REFUSALS[code][1],
                code: code,
            }),
        },
    };
}

function preflight() {
    return {
        statusCode: 204,
        statusDescription: 'No Content',
        headers: Object.assign(cors(), {
            'access-control-allow-methods': {value: METHODS},
            'access-control-allow-headers': {value: 'range, if-range, if-none-match, if-match'},
            'access-control-max-age': {value: '86400'},
        }),
    };
}

function cors() {
    return {
        'access-control-allow-origin': {value: '*'},
        'access-control-expose-headers': {value: 'content-length, content-range, etag'},
        'cross-origin-resource-policy': {value: 'cross-origin'},
        'timing-allow-origin': {value: '*'},
    };
}
