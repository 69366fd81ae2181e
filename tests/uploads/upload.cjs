// Uploads one file with tus-js-client, and prints what it became: `node upload.cjs '{…}'`.
// A line of its own that breaks is tried again at once, as often as it takes.

const fs = require("node:fs");
const { client, endpoint, key, file, metadata } = JSON.parse(process.argv[2]);
const tus = require(client);

const upload = new tus.Upload(fs.createReadStream(file), {
  endpoint,
  metadata,
  headers: { Authorization: `Bearer ${key}` },
  uploadSize: fs.statSync(file).size,
  retryDelays: Array(200).fill(20),
  onSuccess: ({ lastResponse }) => {
    console.log(JSON.stringify({ url: upload.url, track: lastResponse.getHeader("legato-track") }));
  },
  onError: (error) => {
    console.error(String(error));
    process.exit(1);
  },
});
upload.start();
