/* Says what path-token.js says of a vector of tests/vectors/path_tokens.json. */
import pathToken from 'path-token.js';

function judge(r) {
    const vector = JSON.parse(r.requestText);
    const claims = pathToken.parse(vector.path);
    const key = claims === null ? '' : vector.keys[claims.keyId] || '';
    const refused = pathToken.refusal(vector.path, claims, key, vector.now_s, {
        address: r.rawVariables.binary_remote_addr.toString('hex'),
        country: vector.country || '',
    });
    r.return(200, refused || 'ok');
}

export default {judge};
