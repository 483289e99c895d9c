// The persistence of the application that this project replaces, restated from its description:
// backup by copying, pending entry, temporary file, read back, rename, read back, entry completed.
// It does all of it synchronously in one process, and synchronizes nothing.
//
//   node original.mjs DIRECTORY WRITERS SECONDS PREFILL
//
// It prints what `contestctl bench commit --json` prints.
import fs from "node:fs";
import path from "node:path";
import crypto from "node:crypto";

const [directory, writers, seconds, prefill] = process.argv.slice(2).map((text, index) => (index ? Number(text) : text));
const folders = { backups: "backups", wal: ".wal", temp: ".temp" };
for (const folder of Object.values(folders)) fs.mkdirSync(path.join(directory, folder), { recursive: true });
const dataFile = path.join(directory, "data.json");
const random = () => Math.random().toString(36).slice(2, 8).padEnd(6, "0");
const hash = () => crypto.randomBytes(4).toString("hex");

function entry() {
  const id = `${Date.now()}-${random()}`;
  return { id, category: "sleeve", caption: "x".repeat(60), createdAt: Date.now(), submissionId: `sub-${id}` };
}

function prune(folder, keeps) {
  const names = fs.readdirSync(folder).sort().reverse();
  for (const name of names.filter((name, index) => !keeps(name, index))) fs.unlinkSync(path.join(folder, name));
}

function save(data, operation) {
  const stem = `${Date.now()}-${hash()}`;
  const transactionId = `txn-${Date.now()}-${random()}`;
  if (fs.existsSync(dataFile)) fs.copyFileSync(dataFile, path.join(directory, folders.backups, `pre-write-${stem}.json`));
  const log = path.join(directory, folders.wal, `wal-${stem}.json`);
  const pending = { transactionId, operation, timestamp: Date.now(), status: "pending" };
  fs.writeFileSync(log, JSON.stringify(pending, null, 2));
  const text = JSON.stringify(data, null, 2);
  const temporary = path.join(directory, folders.temp, `tmp-${Date.now()}-${random()}.json`);
  fs.writeFileSync(temporary, text);
  if (fs.readFileSync(temporary, "utf8") !== text) throw new Error("temporary file differs");
  fs.renameSync(temporary, dataFile);
  if (fs.readFileSync(dataFile, "utf8") !== text) throw new Error("data file differs");
  fs.writeFileSync(log, JSON.stringify({ ...pending, status: "completed", completedAt: Date.now() }, null, 2));
  prune(path.join(directory, folders.backups), (_, index) => index < 10);
  // Completed entries went after five minutes; here at once, or the benchmark would measure the folder's size.
  fs.unlinkSync(log);
}

const data = { submissions: { sleeve: Array.from({ length: prefill }, entry) }, winners: {} };
save(data, "prefill");
const latencies = [];
const end = performance.now() + seconds * 1000;
async function write() {
  for (let before = performance.now(); before < end; ) {
    data.submissions.sleeve.unshift(entry());
    save(data, "submission-sleeve");
    const after = performance.now();
    latencies.push(after - before);
    await new Promise(setImmediate);
    before = performance.now();
  }
}
await Promise.all(Array.from({ length: writers }, write));
latencies.sort((one, other) => one - other);
const at = (share) => Number(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))].toFixed(3));
console.log(JSON.stringify({ commitsPerSecond: Number((latencies.length / seconds).toFixed(1)), p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }));
