/*
 * The reference edge's judgement and its own answers; nginx.conf says where each is asked.
 */
import crypto from 'crypto';
import contentCoding from 'content-coding.js';
import denials from 'denials.js';
import memory from 'memory.js';
import pathToken from 'path-token.js';
import index from 'purge.js';
import refusal from 'refusal.js';

const OPEN = 'open';
const ASK = 'ask';
const HIT = /^(?:HIT|STALE|UPDATING|REVALIDATED)$/;

/**
 * Whether a request may have what it asks for: `open`, `ask` where only the origin knows, because
 * the list of denials is old, `preflight`, or the code of a refusal.
 */
function verdict(r) {
    if (r.method !== 'GET' && r.method !== 'HEAD') {
        return r.method === 'OPTIONS' ? 'preflight' : 'method_not_allowed';
    }
    const v = r.variables;
    const path = v.request_uri.split('?', 1)[0];
    const claims = pathToken.parse(path);
    const now = Date.now() / 1000;
    const key = claims === null ? '' : keyOf(v, claims.keyId);
    const refused = pathToken.refusal(path, claims, key, now, listener(r));
    if (refused !== '') {
        return refused;
    }
    const place = memory.place(v.legato_remembered);
    if (denials.denies(v.legato_denials, claims.grant, claims.track)) {
        return 'denied_grant';
    }
    if (pathToken.needs(claims.rest, Number(v.legato_highest_kbps)) > claims.kbps) {
        return 'tier';
    }
    if (denials.age(v.legato_denials) > Number(v.legato_denials_fresh_s)) {
        return ASK;
    }
    memory.remember(place, v.legato_remembered, claims.expiresAt - now);
    return OPEN;
}

function keyOf(variables, keyId) {
    variables.legato_key_id = keyId;
    return variables.legato_key;
}

function listener(r) {
    return {
        address: r.rawVariables.binary_remote_addr.toString('hex'),
        country: r.variables.legato_country,
    };
}

/** Says why not; or asks the origin and goes on. */
async function answer(r) {
    const found = r.variables.legato_verdict;
    if (found === 'preflight') {
        refusal.preflight(r);
    } else if (found === ASK) {
        await ask(r);
    } else {
        refusal.refuse(r, refusal.isKnown(found) ? found : 'edge_failed');
    }
}

/**
 * The list is old: what the origin would answer counts. Where it cannot be reached either, the
 * last list does, and what is cached is served.
 */
async function ask(r) {
    const reply = await r.subrequest('/-/ask', {method: 'HEAD'});
    // 404: the origin has judged the grant, and there is no such address.
    if (reply.status < 300 || reply.status === 404 || reply.status >= 500) {
        r.internalRedirect(r.variables.legato_kind);
    } else {
        refusal.refuse(r, reply.status === 410 ? 'taken_down' : 'denied_grant');
    }
}

/** Answers what nginx itself has found wrong, and that the origin is away. */
function failed(r) {
    refusal.refuse(r, refusal.codeOf(Number(r.variables.status)));
}

function nowhere(r) {
    refusal.refuse(r, 'no_such_path');
}

function coding(r) {
    return contentCoding.choose(r.headersIn['Accept-Encoding'] || '');
}

/** RFC 9111 §5.1; nothing where the answer comes from the origin. */
function age(r) {
    if (!HIT.test(r.variables.upstream_cache_status)) {
        return '';
    }
    const made = Date.parse(r.variables.upstream_http_date);
    return String(Math.max(0, Math.floor((Date.now() - made) / 1000)) || 0);
}

/**
 * Enters what is about to be cached into the index; `1` where that failed, and then it must not be
 * cached, for no purge would find it.
 */
function notIndexed(r) {
    try {
        index.enter(r.variables.legato_cache, r.variables.legato_asset, index.linesOf(r));
        return '';
    } catch (error) {
        return '1';
    }
}

/** `POST /edge/purge/{asset_id}` on the admin address. */
function purge(r) {
    if (r.method !== 'POST') {
        refusal.refuse(r, 'method_not_allowed');
    } else if (!knowsSecret(r)) {
        refusal.refuse(r, 'wrong_secret');
    } else {
        const asset = r.variables.legato_asset;
        const removed = index.purge(r.variables.legato_cache, asset);
        r.headersOut['Content-Type'] = 'application/json';
        r.return(200, JSON.stringify({asset_id: asset, removed: removed}));
    }
}

/** Compares digests: how long that takes tells nothing of the secret. */
function knowsSecret(r) {
    const sent = digest(r.headersIn['X-Legato-Edge-Secret'] || '');
    const secrets = r.variables.legato_edge_secret.split(',').filter((secret) => secret !== '');
    return secrets.filter((secret) => digest(secret) === sent).length > 0;
}

function digest(text) {
    return crypto.createHash('sha256').update(text).digest('hex');
}

/** `GET /edge/status` on the admin address. */
function status(r) {
    const seconds = denials.age(r.variables.legato_denials);
    r.headersOut['Content-Type'] = 'application/json';
    r.return(200, JSON.stringify({
        denials_age_s: isFinite(seconds) ? Math.round(seconds * 10) / 10 : null,
    }));
}

export default {
    verdict, answer, failed, nowhere, coding, age, notIndexed, purge, status,
};
