/*
 * Path tokens, versions 1 and 2: what legato/origin/dialects/path_token.py writes.
 *
 *     /t/1.{key id}.{expiry}.{kbit/s}.{grant}.{track}.{mac}/audio/{asset}/…
 *     /t/2.{key id}.{expiry}.{kbit/s}.{grant}.{track}.{address}.{country}.{mac}/audio/{asset}/…
 */
import crypto from 'crypto';

// In order: what is signed of the token, version, key id, expiry, kbit/s, grant, track, address,
// country, MAC, what is signed of the path, the address below it. The last character of a MAC has
// four bits: of all that decode alike, one is right. The path has no escape, no dot segment and no
// empty segment: whoever reads it reads the same. Literals, because njs runs this file anew for
// each request and compiles a literal once.
const SIGNED = /^\/t\/(([12])\.([\w-]{1,32})\.([1-9]\d{0,10})\.([1-9]\d{0,4})\.([0-9a-f]{1,32})\.([0-9a-f]{1,32})(?:\.(?!\.\.)([0-9a-f]{8}|[0-9a-f]{32}|)\.([A-Z]{2}|))?)\.([\w-]{42}[AEIMQUYcgkosw048])(\/audio\/[0-9a-f]{64}\/)([A-Za-z0-9-]+(?:[./][A-Za-z0-9-]+)*)$/;
const ANY_TOKEN = /^\/t\/[^/]+\/audio\/[0-9a-f]{64}\/[A-Za-z0-9-]+(?:[./][A-Za-z0-9-]+)*$/;
const IPV4_MAPPED = '00000000000000000000ffff';

/**
 * The claims of a signed path as it was sent, or null. Nobody has looked at the MAC yet.
 */
function parse(path) {
    const found = SIGNED.exec(path);
    if (found === null || (found[2] === '1') !== (found[8] === undefined)) {
        return null;
    }
    return {
        signed: found[1] + found[11],
        keyId: found[3],
        expiresAt: Number(found[4]),
        kbps: Number(found[5]),
        grant: found[6],
        track: found[7],
        address: found[8],
        country: found[9],
        mac: found[10],
        rest: found[12],
    };
}

/**
 * Why a path whose claims are these is not good, or nothing. `now` is in seconds; of the listener
 * are known the address, packed, in hexadecimal, and the country; `key` is base64, or empty.
 */
function refusal(path, claims, key, now, listener) {
    if (claims === null || key === '' || !isSigned(claims, key)) {
        return claims !== null || ANY_TOKEN.test(path) ? 'bad_token' : 'no_token';
    }
    if (now >= claims.expiresAt) {
        return 'expired_token';
    }
    return isBound(claims) && !isFor(claims, listener) ? 'wrong_listener' : '';
}

function isSigned(claims, key) {
    const expected = crypto.createHmac('sha256', Buffer.from(key, 'base64')).update(claims.signed).digest();
    return isSame(expected, Buffer.from(claims.mac, 'base64url'));
}

/** Compares two digests of 32 bytes in constant time. */
function isSame(a, b) {
    let differing = 0;
    for (let at = 0; at < 32; at += 4) {
        differing |= a.readInt32LE(at) ^ b.readInt32LE(at);
    }
    return differing === 0;
}

function isBound(claims) {
    return claims.address !== undefined;
}

function isFor(claims, listener) {
    if (claims.address !== '' && claims.address !== plain(listener.address)) {
        return false;
    }
    return claims.country === '' || claims.country === listener.country.trim().toUpperCase();
}

/** An IPv4 address that a dual-stack socket shows as IPv6 is IPv4 (RFC 4291 §2.5.5.2). */
function plain(address) {
    return address.startsWith(IPV4_MAPPED) ? address.slice(IPV4_MAPPED.length) : address;
}

/** The second in which a grant was issued; 0 where its id does not tell. */
function issuedAt(grant) {
    return grant.length === 20 ? parseInt(grant.slice(0, 8), 16) : 0;
}

/**
 * The kbit/s that a grant must reach for the address `rest` of an asset; 0: any will do.
 */
function needs(rest, highestKbps) {
    if (rest === 'index.m3u8') {
        return highestKbps;
    }
    const found = /^[a-z0-9-]*-([1-9]\d{0,4})[./]/.exec(rest);
    if (found === null) {
        return 0;
    }
    const kbps = Number(found[1]);
    return rest.startsWith('index-') ? Math.min(kbps, highestKbps) : kbps;
}

export default {parse, refusal, issuedAt, needs};
