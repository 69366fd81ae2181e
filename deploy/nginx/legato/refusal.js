/*
 * Refusals in the origin's form: its status, a problem detail (RFC 9457), readable for any player
 * (CORS) and kept by no cache.
 */
const AGAIN = 'ask for `play`';
const METHODS = 'GET, HEAD, OPTIONS';
const CORS = {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'content-length, content-range, etag, server-timing',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Timing-Allow-Origin': '*',
};
const REFUSALS = {
    no_token: [403, 'The address is not signed',
        `this address is not signed: ${AGAIN}`],
    bad_token: [403, 'Not signed by us, or for something else',
        'this address is not signed by us for what it asks for'],
    expired_token: [403, 'The grant is over',
        `this address has expired: ${AGAIN} again`],
    wrong_listener: [403, 'The grant is bound to another address or country',
        'this address was given to another listener'],
    denied_grant: [403, 'The grant, or every grant of its track, was denied',
        `this address has been withdrawn: ${AGAIN}`],
    tier: [403, 'Above the bitrate granted',
        'this is above the bitrate granted'],
    taken_down: [410, 'It has been taken down',
        'this has been taken down'],
    no_such_path: [404, 'There is no such path',
        'no such path'],
    method_not_allowed: [405, 'A method not in `Allow`',
        `expected ${METHODS}`],
    precondition_failed: [412, 'If-Match names another tag',
        'if-match: found another tag'],
    too_large: [413, 'More bytes than are taken here',
        'the body is larger than is taken here'],
    bad_request: [400, 'The request cannot be read',
        'this is no request that can be read'],
    range_not_satisfiable: [416, 'Nothing of the range is there',
        'no byte of the range exists'],
    too_many_requests: [429, 'Too many requests',
        'too many requests at a time: try again later'],
    origin_away: [503, 'The origin is away, and this is not kept at the edge',
        'the origin is away for now: try again later'],
    edge_failed: [500, 'The edge could not judge this',
        'this could not be judged; the operator has to look'],
    wrong_secret: [403, 'The edge\'s secret is another',
        'expected the edge secret in X-Legato-Edge-Secret'],
};

function isKnown(code) {
    return REFUSALS[code] !== undefined;
}

/** Answers with a refusal, and leaves its code for the access log. */
function refuse(r, code) {
    const status = REFUSALS[code][0];
    r.variables.legato_refused = code;
    forget(r, ['Cache-Control', 'ETag', 'Accept-Ranges', 'Surrogate-Key', 'Cache-Tag']);
    say(r, CORS);
    say(r, {'Cache-Control': 'no-store', 'Content-Type': 'application/problem+json'});
    if (status === 405) {
        say(r, {'Allow': METHODS});
    }
    if (status === 429 || status === 503) {
        say(r, {'Retry-After': '1'});
    }
    r.return(status, JSON.stringify({
        type: `/docs/errors#${code}`,
        title: REFUSALS[code][1],
        status: status,
        detail: REFUSALS[code][2],
        code: code,
    }));
}

/** Answers a CORS preflight, which asks nothing of the address itself. */
function preflight(r) {
    say(r, CORS);
    say(r, {
        'Access-Control-Allow-Methods': METHODS,
        'Access-Control-Allow-Headers': 'range, if-range, if-none-match, if-match',
        'Access-Control-Max-Age': '86400',
        'Allow': METHODS,
    });
    r.return(204);
}

/** The code of what nginx itself has found wrong. */
function codeOf(status) {
    if (status === 500) {
        return 'edge_failed';
    }
    if (status > 500) {
        return 'origin_away';
    }
    const found = Object.keys(REFUSALS).find((code) => status > 403 && REFUSALS[code][0] === status);
    return found === undefined || status === 404 ? 'bad_request' : found;
}

function say(r, fields) {
    Object.keys(fields).forEach((name) => {
        r.headersOut[name] = fields[name];
    });
}

/** What an answer that was refused at its last step had said of itself. */
function forget(r, names) {
    names.forEach((name) => {
        delete r.headersOut[name];
    });
}

export default {refuse, preflight, codeOf, isKnown};
