/**
 * Zip archives that are the same bytes for the same files, wherever and with whatever they are made. Files are stored as they are: a compressor's
 * output differs between versions of Node, and Git keeps the next version of an archive in little room only if its bytes lie there in plain sight.
 */
import { crc32 } from "node:zlib";

/** The least version of a program that reads it: 2.0, in tenths. */
const VERSION_NEEDED = 20;
/** The same, as made on Unix: the upper byte says whose file modes follow. */
const MADE_BY_UNIX = 0x0314;
/** 1 January 1980, the first date there is; its time, midnight, is 0. */
const FIRST_DATE = 0x21;
/** A file of mode 0644, in the upper half as Unix has it. */
const MODE = 0o100644 * 2 ** 16;

/**
 * The archive's bytes. Entries are sorted by name, of the mode 0644 and of 1 January 1980.
 *
 * Format: PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16.
 *
 * @param files texts by name; fewer than 65,536, each below 4 GiB
 */
export function zipOf(files: Readonly<Record<string, string>>): Buffer {
  const names = Object.keys(files).sort();
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const name of names) {
    const data = Buffer.from(files[name]!);
    const shared = describe(name, data);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), shared, Buffer.from(name), data]);
    locals.push(local);
    entries.push(entryOf(name, shared, at));
    at += local.length;
  }
  const directory = Buffer.concat(entries);
  return Buffer.concat([...locals, directory, endOf(names.length, directory.length, at)]);
}

/** What stands both before a file and in the directory. */
function describe(name: string, data: Buffer): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(VERSION_NEEDED, 0);
  fields.writeUInt16LE(FIRST_DATE, 8);
  fields.writeUInt32LE(crc32(data), 10);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(data.length, 18);
  fields.writeUInt16LE(Buffer.byteLength(name), 22);
  return fields;
}

/** A file's line of the directory; `at` is where the file begins. */
function entryOf(name: string, shared: Buffer, at: number): Buffer {
  const head = Buffer.from("PK\x01\x02\0\0");
  head.writeUInt16LE(MADE_BY_UNIX, 4);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(MODE, 6);
  rest.writeUInt32LE(at, 10);
  return Buffer.concat([head, shared, rest, Buffer.from(name)]);
}

function endOf(count: number, length: number, at: number): Buffer {
  const end = Buffer.from("PK\x05\x06".padEnd(22, "\0"));
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(length, 12);
  end.writeUInt32LE(at, 16);
  return end;
}
