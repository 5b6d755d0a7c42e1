// Acts of the client library `webdav`, one a line of JSON: node npm.mjs LIBRARY URL.
// In: {"act": ..., "with": [...]}; out: {"done": ...}, or {"failed": message, "status": number}.
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";

const [library, url] = process.argv.slice(2);
const { createClient } = await import(pathToFileURL(library));
const client = createClient(url);

const acts = {
    upload: (path, local, options) => client.putFileContents(path, createReadStream(local), options),
    // What its documentation has for streams: it says when the answer is there, not when all was sent.
    stream: (path, local) => new Promise((resolve, reject) => {
        const writing = client.createWriteStream(path, {}, () => resolve(null));
        writing.on("error", reject);
        createReadStream(local).pipe(writing);
    }),
    download: (path, local, range) =>
        pipeline(client.createReadStream(path, range ? { range } : {}), createWriteStream(local)).then(() => null),
    put: (path, text, options) => client.putFileContents(path, text, options),
    get: (path) => client.getFileContents(path, { format: "text" }),
    list: async (path, options) =>
        (await client.getDirectoryContents(path, options)).map(({ filename, type, size }) => [filename, type, size]),
    stat: (path) => client.stat(path),
    make: (path, options) => client.createDirectory(path, options),
    move: (source, target, options) => client.moveFile(source, target, options),
    copy: (source, target, options) => client.copyFile(source, target, options),
    remove: (path) => client.deleteFile(path),
    exists: (path) => client.exists(path),
    quota: () => client.getQuota(),
    lock: (path) => client.lock(path),
    unlock: (path, token) => client.unlock(path, token),
};

for await (const line of createInterface({ input: process.stdin })) {
    const { act, with: values } = JSON.parse(line);
    let told;
    try {
        told = { done: (await acts[act](...values)) ?? null };
    } catch (error) {
        told = { failed: String(error), status: error.status ?? 0 };
    }
    process.stdout.write(JSON.stringify(told) + "\n");
}
