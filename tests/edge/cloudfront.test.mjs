/* The CloudFront Function under Node, with a key value store in memory. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {describe, it, mock} from 'node:test';

const SOURCE = readFileSync(new URL('../../deploy/cloudfront/path-token.js', import.meta.url), 'utf8');
const VECTORS = JSON.parse(readFileSync(new URL('../vectors/path_tokens.json', import.meta.url)));
const IMPORT = "import cf from 'cloudfront';";
const GOOD = VECTORS.find((vector) => vector.name === 'a chunk');
const MOST_BYTES = 10 * 1024;

/* What the runtime documents as missing, or does not document. */
const UNSUPPORTED = {
    'optional chaining': /\?\.[A-Za-z[(]/,
    'nullish coalescing': /\?\?/,
    'a class': /\bclass\s/,
    'for-of': /\bfor\s*\([^;)]*\bof\b/,
    'spread or rest': /\.\.\./,
    'destructuring': /\b(?:const|let|var)\s*[[{]/,
    'a default parameter': /\bfunction\s+\w*\([^)]*=/,
    'a dynamic import': /\bimport\(/,
    'code made at run time': /\beval\(|\bnew (?:Function|RegExp)\b/,
    'a promise combinator': /\bPromise\b|\.then\(|\.catch\(/,
    'an await in arguments': /\w\([^()]*\bawait\b/,
    'a timer': /\bset(?:Timeout|Interval|Immediate)\b/,
    'the network or files': /\bfetch\(|\bXMLHttpRequest\b|\bprocess\b|require\('(?!crypto')/,
};

function storeOf(pairs) {
    return {
        exists: async (key) => Object.hasOwn(pairs, key),
        get: async (key) => {
            assert.ok(Object.hasOwn(pairs, key), `the store throws for ${key}`);
            return pairs[key];
        },
    };
}

function load(pairs) {
    const store = storeOf(pairs);
    const names = ['handler', 'parse', 'refusal', 'packed'];
    const code = `${SOURCE.replace(IMPORT, '')}; return {${names.join(', ')}};`;
    const loaded = new Function('require', 'cf', code)(createRequire(import.meta.url), {kvs: () => store});
    return {...loaded, store};
}

function at(seconds, action) {
    mock.timers.enable({apis: ['Date'], now: seconds * 1000});
    return action().finally(() => mock.timers.reset());
}

function event(uri, more = {}) {
    return {
        version: '1.0',
        viewer: {ip: more.ip ?? '198.51.100.1'},
        request: {
            method: more.method ?? 'GET',
            uri,
            querystring: {q: {value: '1'}},
            headers: more.country ? {'cloudfront-viewer-country': {value: more.country}} : {},
            cookies: {},
        },
    };
}

/* What the function answers to the vector "a chunk", which is good, or to another path. */
function answer(more = {}, pairs = {}, path = GOOD.path) {
    const {handler} = load({...GOOD.keys, ...pairs});
    return at(GOOD.now_s, () => handler(event(path, more)));
}

function code(response) {
    return [response.statusCode, JSON.parse(response.body.data).code];
}

describe('path tokens', () => {
    for (const vector of VECTORS) {
        it(`judges: ${vector.name}`, async () => {
            const {parse, refusal, packed, store} = load(vector.keys);
            const who = {
                address: packed(vector.client_address ?? '203.0.113.1'),
                country: vector.country ?? '',
            };
            const claims = parse(vector.path);
            const refused = await at(vector.now_s, () => refusal(vector.path, claims, store, who));
            assert.equal(refused || 'ok', vector.expected);
            if (vector.stripped !== null) {
                assert.equal(claims.prefix + claims.rest, vector.stripped);
            }
        });
    }
});

describe('the handler', () => {
    it('takes the token and the query out of what is good', async () => {
        const request = await answer();
        assert.equal(request.uri, GOOD.stripped);
        assert.deepEqual(request.querystring, {});
    });
    it('refuses what is not signed, in the form of the origin', async () => {
        const response = await answer({}, {}, GOOD.stripped);
        assert.deepEqual(code(response), [403, 'no_token']);
        assert.equal(response.headers['cache-control'].value, 'no-store');
        assert.equal(response.headers['access-control-allow-origin'].value, '*');
    });
    it('refuses what is above the tier', async () => {
        const above = GOOD.path.replace('vorbis-160', 'vorbis-320');
        const all = GOOD.path.replace('vorbis-160/41.ogg', 'index.m3u8');
        assert.deepEqual(code(await answer({}, {}, above)), [403, 'tier']);
        assert.deepEqual(code(await answer({}, {}, all)), [403, 'tier']);
    });
    it('refuses a grant that is denied, or whose track was after it was issued', async () => {
        const [grant, track] = GOOD.path.split('.').slice(4, 6);
        const issued = parseInt(grant.slice(0, 8), 16);
        const denied = [403, 'denied_grant'];
        assert.deepEqual(code(await answer({}, {[`denied/grant/${grant}`]: '1'})), denied);
        assert.deepEqual(code(await answer({}, {[`denied/track/${track}`]: String(issued)})), denied);
        const before = await answer({}, {[`denied/track/${track}`]: String(issued - 1)});
        assert.equal(before.uri, GOOD.stripped);
    });
    it('knows a listener by CloudFront\'s header', async () => {
        const bound = VECTORS.find((vector) => vector.name === 'bound to a country');
        assert.equal((await answer({country: 'DE'}, {}, bound.path)).uri, bound.stripped);
        assert.deepEqual(code(await answer({country: 'FR'}, {}, bound.path)), [403, 'wrong_listener']);
    });
    it('answers a preflight, and no other method', async () => {
        assert.equal((await answer({method: 'OPTIONS'})).statusCode, 204);
        const response = await answer({method: 'POST'});
        assert.deepEqual(code(response), [405, 'method_not_allowed']);
        assert.equal(response.headers.allow.value, 'GET, HEAD, OPTIONS');
    });
});

describe('the runtime', () => {
    it('takes it: it is small enough', () => {
        assert.ok(Buffer.byteLength(SOURCE) <= MOST_BYTES);
    });
    for (const [what, pattern] of Object.entries(UNSUPPORTED)) {
        it(`takes it: it has not ${what}`, () => {
            const code = SOURCE.replace(/\/\*[^]*?\*\//g, '').replace(/(^|\s)\/\/ .*$/gm, '');
            const bare = code.replace(/= \/\^.*\/;$/gm, '= 0;').replace(/'[^'\n]*'/g, (text) =>
                text === "'crypto'" ? text : "''");
            assert.doesNotMatch(bare, pattern);
        });
    }
});
